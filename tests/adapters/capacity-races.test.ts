import { expect, test } from "vitest";
import { z } from "zod";
import { openInstanceStore } from "../../shared/instances/instance-store.ts";
import { openTenantStore } from "../../shared/tenants/tenant-store.ts";
import { anInstance, aPool, testContention } from "../support/builders.ts";
import { inParallel } from "./fixtures/children.ts";
import type { StoreAddress } from "./fixtures/documents.ts";
import { openStore } from "./fixtures/documents.ts";
import { fileTarget } from "./fixtures/targets.ts";

const Result = z.object({ statuses: z.array(z.string()), placed: z.number() });
const processes = 4;
const signUps = 60;
const until = "2026-01-01T00:10:00.000Z";

const taken = (used: number) =>
  Object.fromEntries(
    Array.from({ length: used }, (_, index) => [`earlier-${index}`, { claimId: "c", state: "active" as const, until }]),
  );

const inProcesses = async (store: StoreAddress, count: number) => {
  const each = count / processes;
  const jobs = Array.from({ length: processes }, (_, index) => ({ store, from: index * each, count: each }));
  const results = (await inParallel("sign-up.ts", jobs)).map((result) => Result.parse(result));
  return {
    statuses: results.flatMap(({ statuses }) => statuses),
    placed: results.reduce((sum, { placed }) => sum + placed, 0),
  };
};

/** With a headroom of 5: 50 slots are enough for 45 tenants, 100 for 95, and so on. */
test.each([
  { used: 30, what: "90 of 100 slots", started: 1 },
  { used: 35, what: "95 of 100 slots, the last before another one is needed", started: 1 },
  { used: 36, what: "96 of 100 slots, the first that need another one", started: 2 },
  { used: 50, what: "60 who all have to wait", started: 2 },
])(
  "60 sign-ups in four processes that come to $what start exactly $started more; none is refused",
  async ({ used, started }) => {
    const { address, remove } = await fileTarget();
    const documents = openStore(address);
    try {
      const instances = openInstanceStore(documents, testContention);
      await instances.create(anInstance({ used, slots: taken(used) }));

      const { statuses } = await inProcesses(address, signUps);
      expect(statuses.filter((status) => status === "active")).toHaveLength(50 - used);
      expect(statuses.filter((status) => status === "waiting")).toHaveLength(signUps - (50 - used));
      const onTheWay = await instances.list({ status: "provisioning" });
      expect(onTheWay.map(({ id }) => id).toSorted()).toEqual(
        Array.from({ length: started }, (_, index) => `stack-westeurope-${index + 2}`),
      );

      const endpoints = { internalEndpoint: "http://127.0.0.1:1", publicEndpoint: "http://localhost:1" };
      for (const { id } of onTheWay) {
        await instances.update(aPool, id, (instance) => ({ ...instance, ...endpoints, status: "active" }));
      }
      const { placed } = await inProcesses(address, 0);
      expect(placed).toBe(signUps - (50 - used));
      expect(await openTenantStore(documents).inOrder("active", 500)).toHaveLength(signUps);
      const fleet = await instances.members(aPool);
      expect(fleet).toHaveLength(1 + started);
      expect(fleet.every((instance) => Object.keys(instance.slots).length <= 50)).toBe(true);
      expect(fleet.reduce((sum, instance) => sum + instance.used, 0)).toBe(used + signUps);
    } finally {
      await documents.close();
      await remove();
    }
  },
  60_000,
);
