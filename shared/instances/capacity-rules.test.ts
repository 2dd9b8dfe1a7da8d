import fc from "fast-check";
import { expect, test } from "vitest";
import { anInstance } from "../../tests/support/builders.ts";
import type { CapacityNeed, PoolState } from "./capacity-rules.ts";
import { capacityNeed, freeSlots, isPlaceable, missingSlots, onTheWayMax, placeOf } from "./capacity-rules.ts";
import type { Instance } from "./instance.ts";
import { capacityOf, DeploymentMode, InstanceStatus, poolOf, Region } from "./instance.ts";

const now = new Date("2026-01-01T12:00:00.000Z");
const ago = (seconds: number): string => new Date(now.getTime() - seconds * 1000).toISOString();

const active = (used: number, change: Partial<Instance> = {}): Instance => anInstance({ used, ...change });
const coming = anInstance({ status: "provisioning" });
const failed = (secondsAgo: number): Instance => anInstance({ status: "failed", createdAt: ago(secondsAgo) });
const pool = (members: readonly Instance[], change: Partial<PoolState> = {}): PoolState => ({
  mode: "SHARED",
  members,
  waiting: 0,
  headroom: 5,
  ...change,
});

const enough: CapacityNeed = { kind: "enough" };
const start = (count: number): CapacityNeed => ({ kind: "start", count });
const hold = (failures: number, until: string | null): CapacityNeed => ({ kind: "hold", failures, until });

const cases: readonly { readonly what: string; readonly state: PoolState; readonly need: CapacityNeed }[] = [
  { what: "a pool that was never used", state: pool([]), need: enough },
  { what: "a first tenant that waits", state: pool([], { waiting: 1 }), need: start(1) },
  { what: "exactly the headroom free", state: pool([active(45)]), need: enough },
  { what: "one slot less than the headroom", state: pool([active(46)]), need: start(1) },
  { what: "the same, with one on its way", state: pool([coming, active(46)]), need: enough },
  { what: "headroom spread over two", state: pool([active(47), active(48)]), need: enough },
  { what: "no headroom wanted, one slot free", state: pool([active(49)], { headroom: 0 }), need: enough },
  { what: "no headroom wanted, full, nobody waits", state: pool([active(50)], { headroom: 0 }), need: enough },
  {
    what: "no headroom wanted, full, one waits",
    state: pool([active(50)], { headroom: 0, waiting: 1 }),
    need: start(1),
  },
  {
    what: "as many waiting as one takes with the headroom",
    state: pool([active(50)], { waiting: 45 }),
    need: start(1),
  },
  { what: "one more than that", state: pool([active(50)], { waiting: 46 }), need: start(2) },
  { what: "152 waiting", state: pool([active(50)], { waiting: 152 }), need: start(4) },
  {
    what: "152 waiting, two on their way",
    state: pool([coming, coming, active(50)], { waiting: 152 }),
    need: start(2),
  },
  { what: "more waiting than is started at once", state: pool([active(50)], { waiting: 900 }), need: start(4) },
  {
    what: "as many on their way as may be",
    state: pool([coming, coming, coming, coming, active(50)], { waiting: 900 }),
    need: hold(0, null),
  },
  { what: "an empty one that is draining", state: pool([active(0, { status: "draining" })]), need: start(1) },
  { what: "an empty one that is offline", state: pool([active(0, { health: "offline" })]), need: start(1) },
  { what: "an empty one that is degraded", state: pool([active(0, { health: "degraded" })]), need: enough },
  { what: "only one that is retired", state: pool([active(0, { status: "retired" })]), need: enough },
  { what: "only one that failed, nobody waits", state: pool([failed(3)]), need: enough },
  { what: "one that failed 14 s ago", state: pool([failed(14)], { waiting: 9 }), need: hold(1, ago(-1)) },
  { what: "one that failed 15 s ago", state: pool([failed(15)], { waiting: 9 }), need: start(1) },
  {
    what: "three failed, the last 59 s ago",
    state: pool([59, 99, 200].map(failed), { waiting: 9 }),
    need: hold(3, ago(-1)),
  },
  {
    what: "30 failed, the last 899 s ago",
    state: pool(
      Array.from({ length: 30 }, () => failed(899)),
      { waiting: 9 },
    ),
    need: hold(30, ago(-1)),
  },
  { what: "after a failure, one at a time", state: pool([failed(99), active(50)], { waiting: 152 }), need: start(1) },
  {
    what: "after a failure, one on its way",
    state: pool([coming, failed(99), active(50)], { waiting: 152 }),
    need: hold(1, null),
  },
  {
    what: "failures before a success are over",
    state: pool([active(50), failed(3)], { waiting: 152 }),
    need: start(4),
  },
  {
    what: "a dedicated one that is taken",
    state: pool([active(1, { capacity: 1 })], { mode: "DEDICATED" }),
    need: enough,
  },
  { what: "three who want a dedicated one", state: pool([], { mode: "DEDICATED", waiting: 3 }), need: start(3) },
];

test.each(cases)("$what: $need.kind", ({ state, need }) => {
  expect(capacityNeed(state, now)).toEqual(need);
});

const member = fc
  .record({
    status: fc.constantFrom(...InstanceStatus.options),
    health: fc.constantFrom("unknown" as const, "healthy" as const, "failing" as const, "stale" as const),
    used: fc.nat({ max: 50 }),
    age: fc.nat({ max: 3_000 }),
  })
  .map(({ age, ...change }) => anInstance({ ...change, createdAt: ago(age) }));
const anyPool = fc.record({
  mode: fc.constant("SHARED" as const),
  members: fc.array(member, { maxLength: 12 }),
  waiting: fc.nat({ max: 400 }),
  headroom: fc.nat({ max: 49 }),
});

test("never more on their way than the bound, never more than is missing, nothing without a need", () => {
  fc.assert(
    fc.property(anyPool, (state) => {
      const need = capacityNeed(state, now);
      const missing = missingSlots(state);
      expect(need.kind === "enough").toBe(missing === 0);
      if (need.kind !== "start") return;
      const onTheWay = state.members.filter(({ status }) => status === "provisioning").length;
      expect(need.count).toBeGreaterThan(0);
      expect(onTheWay + need.count).toBeLessThanOrEqual(onTheWayMax);
      expect((need.count - 1) * capacityOf.SHARED).toBeLessThan(missing);
    }),
  );
});

test("room that cannot be used counts for nothing, and more room never means more instances", () => {
  const countOf = (state: PoolState): number => {
    const need = capacityNeed(state, now);
    return need.kind === "start" ? need.count : 0;
  };
  fc.assert(
    fc.property(anyPool, fc.constantFrom("stale" as const, "offline" as const, "failing" as const), (state, health) => {
      const base = { ...state, members: [active(50), ...state.members] };
      const unwell = { ...state, members: [active(0, { health }), ...state.members] };
      const well = { ...state, members: [active(0), ...state.members] };
      expect(missingSlots(unwell)).toBe(missingSlots(base));
      expect(countOf(well)).toBeLessThanOrEqual(countOf(base));
    }),
  );
});

test("one try after the other that fails: at most nine in the first hour, then one in 15 minutes", () => {
  let members: readonly Instance[] = [];
  const startedAt: number[] = [];
  for (let second = 0; second < 4 * 3600; second += 10) {
    const at = new Date(now.getTime() + second * 1000);
    if (capacityNeed(pool(members, { waiting: 30 }), at).kind !== "start") continue;
    startedAt.push(second);
    members = [anInstance({ status: "failed", createdAt: at.toISOString() }), ...members];
  }
  expect(startedAt.filter((second) => second < 3600).length).toBeLessThanOrEqual(9);
  expect(startedAt.length).toBeLessThanOrEqual(9 + 3 * 4);
  expect(startedAt.length).toBeGreaterThan(12);
});

test("free slots are those of instances in service and well", () => {
  expect(freeSlots([active(10), active(20, { health: "degraded" }), active(0, { health: "stale" }), coming])).toBe(70);
  expect(isPlaceable({ status: "draining", health: "healthy" })).toBe(false);
});

test("every pool's name leads back to its region and mode", () => {
  for (const region of Region.options) {
    for (const mode of DeploymentMode.options) expect(placeOf(poolOf(region, mode))).toEqual({ region, mode });
  }
  expect(placeOf("atlantis.shared")).toBeUndefined();
});
