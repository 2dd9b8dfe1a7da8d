import { once } from "node:events";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { inParallel, startChild } from "./fixtures/children.ts";
import { openStore, parseThing, things, type StoreAddress } from "./fixtures/documents.ts";
import { newZone } from "./fixtures/opened-store.ts";
import type { Target } from "./fixtures/targets.ts";

const Increments = z.object({ conflicts: z.number() });
const Wins = z.object({ wins: z.number(), by: z.string() });
const Acknowledged = z.object({ id: z.string(), size: z.number() });

const withTarget = async (
  setUp: () => Promise<Target>,
  test: (address: StoreAddress) => Promise<void>,
): Promise<void> => {
  const target = await setUp();
  try {
    await test(target.address);
  } finally {
    await target.remove();
  }
};

/** What a document store promises to several processes at once. */
export const describeRaces = (name: string, setUp: () => Promise<Target>): void => {
  describe(`${name}: races of processes`, () => {
    it("loses no increment of one counter", async () => {
      await withTarget(setUp, async (address) => {
        const zone = newZone();
        const store = openStore(address);
        const container = store.container(things, parseThing);
        await container.create({ id: "counter", zone, size: 0 });
        const job = { store: address, zone, id: "counter", times: 50 };
        const results = await inParallel("increment.ts", [job, job, job, job]);
        expect((await container.read(zone, "counter"))?.value.size).toBe(200);
        const conflicts = results.reduce<number>((sum, result) => sum + Increments.parse(result).conflicts, 0);
        expect(conflicts, "the processes never met, so nothing was tested").toBeGreaterThan(0);
        await store.close();
      });
    }, 90_000);

    it("lets exactly one of 200 creates of the same id win", async () => {
      await withTarget(setUp, async (address) => {
        const zone = newZone();
        const jobs = ["p0", "p1", "p2", "p3"].map((by) => ({ store: address, zone, id: "slug", times: 50, by }));
        const results = (await inParallel("claim.ts", jobs)).map((result) => Wins.parse(result));
        const winners = results.filter(({ wins }) => wins > 0);
        expect(winners).toStrictEqual([{ wins: 1, by: winners[0]?.by }]);
        const store = openStore(address);
        const claimed = await store.container(things, parseThing).read(zone, "slug");
        expect(claimed?.value.name).toBe(winners[0]?.by);
        await store.close();
      });
    }, 90_000);
  });
};

/** What a store on disk promises after its writers were killed in mid-stream. */
export const describeCrashes = (name: string, setUp: () => Promise<Target>): void => {
  describe(`${name}: crashes`, () => {
    it("keeps every acknowledged write when its writers are killed", async () => {
      await withTarget(setUp, async (address) => {
        for (const round of [1, 2, 3]) {
          const zones = [`${newZone()}-${round}`, `${newZone()}-${round}`];
          const acknowledged = await Promise.all(zones.map((zone) => killWriter(address, zone, 40 * round)));
          const store = openStore(address);
          const container = store.container(things, parseThing);
          for (const [index, zone] of zones.entries()) {
            for (const [id, size] of acknowledged[index] ?? []) {
              expect((await container.read(zone, id))?.value.size).toBeGreaterThanOrEqual(size);
            }
          }
          await container.create({ id: "after", zone: zones[0] ?? "", size: 0 });
          await store.close();
        }
      });
    }, 90_000);
  });
};

/** Kills a writer after so many acknowledgements; answers with the last acknowledged size of each of its documents. */
const killWriter = async (address: StoreAddress, zone: string, count: number): Promise<Map<string, number>> => {
  const acknowledged = new Map<string, number>();
  const child = startChild("write-forever.ts", { store: address, zone });
  let messages = 0;
  child.on("message", (message) => {
    const { id, size } = Acknowledged.parse(message);
    acknowledged.set(id, size);
    messages += 1;
    if (messages === count) child.kill("SIGKILL");
  });
  await once(child, "exit");
  expect(child.signalCode).toBe("SIGKILL");
  expect(messages).toBeGreaterThanOrEqual(count);
  return acknowledged;
};
