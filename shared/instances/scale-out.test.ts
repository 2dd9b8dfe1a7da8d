import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { anInstance, aPool, testContention } from "../../tests/support/builders.ts";
import { sqliteDocumentStore } from "../adapters/sqlite/document-store.ts";
import { openOperationLog } from "../operations/operation-log.ts";
import { makeCreateInstance } from "./create-instance.ts";
import type { Instance } from "./instance.ts";
import { poolOf } from "./instance.ts";
import { openUniqueNames } from "../documents/unique-names.ts";
import { openInstanceStore } from "./instance-store.ts";
import { makeKeepCapacity, makeScaleOut } from "./scale-out.ts";

const aFleet = (members: readonly Partial<Instance>[], { headroom = 5 } = {}) => {
  const documents = sqliteDocumentStore(":memory:");
  let now = Date.UTC(2026, 0, 1, 12);
  let waiting = 0;
  let afterCount = () => Promise.resolve();
  const clock = () => new Date(now);
  const instances = openInstanceStore(documents, testContention);
  const names = openUniqueNames(documents, () => new Date(now));
  const lines: { readonly message: string; readonly facts: unknown }[] = [];
  const write = (message: string, facts?: unknown) => void lines.push({ message, facts });
  const started: string[] = [];
  const deps = {
    instances,
    operations: openOperationLog(documents, clock, testContention),
    clock,
    newId: randomUUID,
    operatorOrgId: "operators",
    headroom,
    waiting: async (pool: string) => {
      // Others come between the two reads.
      await sleep(Math.random() * 3);
      const counted = pool === aPool ? waiting : 0;
      await afterCount();
      return counted;
    },
    log: { info: write, warn: write, error: write },
  };
  const startProvisioning = (id: string) => {
    started.push(id);
    return Promise.resolve();
  };
  const scaleOut = makeScaleOut(deps);
  const keep = makeKeepCapacity({ ...deps, scaleOut, pool: aPool });
  const filled = (async () => {
    for (const [index, change] of members.entries()) {
      const createdAt = new Date(now - (members.length - index) * 60_000).toISOString();
      const id = change.id ?? `stack-westeurope-${index + 1}`;
      await instances.create(anInstance({ createdAt, sortKey: `${createdAt}/${id}`, ...change, id }));
    }
  })();
  return {
    scaleOut: async (pool = aPool) => {
      await filled;
      return scaleOut(pool, startProvisioning);
    },
    keep: async () => {
      await filled;
      await keep(startProvisioning);
    },
    create: async () => {
      await filled;
      return makeCreateInstance({ ...deps, names })({ region: "westeurope", mode: "SHARED", startProvisioning });
    },
    end: async (id: string, status: Instance["status"]) => {
      await instances.update(aPool, id, (instance) => ({ ...instance, status }));
    },
    /** The first in line gets a slot right after the queue was counted. */
    placeOneAfterTheCount: (id: string) => {
      afterCount = async () => {
        waiting -= 1;
        await instances.update(aPool, id, (instance) => ({ ...instance, used: instance.used + 1 }));
      };
    },
    setWaiting: (count: number) => (waiting = count),
    advanceClock: (milliseconds: number) => (now += milliseconds),
    started: () => started,
    lines: () => lines,
  };
};

test("as many as are needed are started at once, each with the next number, and told in the log", async () => {
  const fleet = aFleet([{ used: 50 }]);
  fleet.setWaiting(60);
  expect(await fleet.scaleOut()).toEqual({ kind: "start", count: 2 });
  expect(fleet.started()).toEqual(["stack-westeurope-2", "stack-westeurope-3"]);
  expect(fleet.lines()).toContainEqual({
    message: "another instance is started",
    facts: { instance: "stack-westeurope-2", free: 0, waiting: 60 },
  });
  expect(await fleet.scaleOut()).toEqual({ kind: "enough" });
});

test("40 workers that look at the same moment start what is needed once", async () => {
  const fleet = aFleet([{ used: 50 }]);
  fleet.setWaiting(120);
  await Promise.all(Array.from({ length: 40 }, () => fleet.scaleOut()));
  expect(fleet.started().toSorted()).toEqual([2, 3, 4].map((number) => `stack-westeurope-${number}`));
});

test("a tenant on its way from the queue to a slot is not counted twice", async () => {
  const fleet = aFleet([{ used: 44 }]);
  fleet.setWaiting(1);
  fleet.placeOneAfterTheCount("stack-westeurope-1");
  expect(await fleet.scaleOut()).toEqual({ kind: "enough" });
  expect(fleet.started()).toEqual([]);
});

test("nobody gets the number of a member that failed, is gone, or was chosen out of turn by an operator", async () => {
  const fleet = aFleet([
    { id: "stack-westeurope-7", used: 50 },
    { id: "stack-westeurope-3", status: "retired" },
    { id: "stack-westeurope-kffffffffff", used: 50 },
    { id: "stack-westeurope-k0123456789", used: 49 },
  ]);
  expect(await fleet.scaleOut()).toEqual({ kind: "start", count: 1 });
  expect(fleet.started()).toEqual(["stack-westeurope-8"]);
  expect((await fleet.create()).id).toBe("stack-westeurope-9");
});

test("an operator's request and a scale-out that want the same number both end with an instance of their own", async () => {
  const fleet = aFleet([{ used: 50 }]);
  fleet.setWaiting(1);
  const [created] = await Promise.all([fleet.create(), fleet.scaleOut(), fleet.create()]);
  expect(fleet.started()).toContain(created.id);
  expect(new Set(fleet.started()).size).toBe(fleet.started().length);
  expect(fleet.started().length).toBeLessThanOrEqual(3);
});

test("tries that fail are spaced ever further, with the next try in the log; the first success ends that", async () => {
  const fleet = aFleet([{ used: 50 }]);
  fleet.setWaiting(120);
  await fleet.keep();
  expect(fleet.started()).toHaveLength(3);
  for (const id of fleet.started()) await fleet.end(id, "failed");
  await fleet.keep();
  expect(fleet.started()).toHaveLength(3);
  expect(fleet.lines()).toContainEqual({
    message: "an instance is needed, but the last tries failed",
    facts: { pool: aPool, failures: 3, nextTryAt: "2026-01-01T12:01:00.000Z" },
  });
  fleet.advanceClock(60_000);
  await fleet.keep();
  await fleet.keep();
  expect(fleet.started()).toHaveLength(4);
  await fleet.end("stack-westeurope-5", "active");
  await fleet.keep();
  expect(fleet.started()).toHaveLength(6);
});

test.each([
  { what: "draining", change: { status: "draining" as const } },
  { what: "offline", change: { health: "offline" as const } },
])("the headroom is held when the only instance is $what", async ({ change }) => {
  const fleet = aFleet([change]);
  await fleet.keep();
  await fleet.keep();
  expect(fleet.started()).toEqual(["stack-westeurope-2"]);
});

test("a pool elsewhere has its headroom while an instance is active there, and is left to end when it is drained", async () => {
  const there = { region: "eastus" as const, pool: poolOf("eastus", "SHARED") };
  const fleet = aFleet([{}, { ...there, id: "stack-eastus-1", used: 46 }]);
  await fleet.keep();
  expect(fleet.started()).toEqual(["stack-eastus-2"]);
  const ending = aFleet([{}, { ...there, id: "stack-eastus-1", used: 46, status: "draining" }]);
  await ending.keep();
  expect(ending.started()).toEqual([]);
});

test("no dedicated instance is kept ready", async () => {
  const pool = poolOf("westeurope", "DEDICATED");
  const fleet = aFleet([{}, { id: "stack-westeurope-d1", pool, mode: "DEDICATED", capacity: 1, used: 1 }]);
  await fleet.keep();
  expect(fleet.started()).toEqual([]);
});

test("what is no pool is refused", async () => {
  await expect(aFleet([]).scaleOut("atlantis.shared")).rejects.toThrow(RangeError);
});
