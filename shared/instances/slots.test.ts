import fc from "fast-check";
import { expect, test } from "vitest";
import { anInstance } from "../../tests/support/builders.ts";
import type { Instance } from "./instance.ts";
import { abandonedSlots, activateSlot, claimSlot, releaseSlot } from "./slots.ts";

const until = "2026-01-01T00:10:00.000Z";

test("a claim that is repeated keeps its slot and takes no second one", () => {
  const first = claimSlot(anInstance({ capacity: 1 }), "t1", "c1", until);
  if (first === undefined) throw new Error("the first claim must be granted");
  expect(claimSlot(first, "t1", "c1", until)).toMatchObject({ used: 1, slots: { t1: { claimId: "c1" } } });
  expect(claimSlot(first, "t2", "c2", until)).toBeUndefined();
});

const unfit: readonly Partial<Instance>[] = [
  ...(["provisioning", "draining", "retiring", "retired", "failed"] as const).map((status) => ({ status })),
  ...(["failing", "stale", "offline"] as const).map((health) => ({ health })),
];

test("an active slot is kept by its own claim, whatever became of the instance", () => {
  const slots = { t1: { claimId: "c1", state: "active" as const, until } };
  for (const change of [{}, ...unfit]) {
    expect(claimSlot(anInstance({ used: 1, slots, ...change }), "t1", "c1", until)).toBeUndefined();
  }
});

test.each(unfit)("an instance that is %o takes nobody, and takes back what was only reserved", (change) => {
  expect(claimSlot(anInstance(change), "t1", "c1", until)).toBeUndefined();
  const slots = { t1: { claimId: "c1", state: "reserved" as const, until } };
  const reserved = anInstance({ used: 1, slots, ...change });
  expect(claimSlot(reserved, "t1", "c1", until)).toMatchObject({ used: 0, slots: {} });
  expect(claimSlot(reserved, "t1", "another claim", until)).toBeUndefined();
});

test.each(["unknown", "healthy", "degraded"] as const)("an instance whose health is %s takes tenants", (health) => {
  expect(claimSlot(anInstance({ health }), "t1", "c1", until)).toMatchObject({ used: 1 });
});

test("a slot is activated and released by its own claim only", () => {
  const instance = anInstance({ used: 1, slots: { t1: { claimId: "c1", state: "reserved", until } } });
  expect(activateSlot(instance, "t1", "c2")).toBeUndefined();
  expect(releaseSlot(instance, "t1", "c2")).toBeUndefined();
  expect(activateSlot(instance, "t1", "c1")?.slots["t1"]?.state).toBe("active");
  expect(releaseSlot(instance, "t1", "c1")).toMatchObject({ used: 0, slots: {} });
});

test("only reservations that have lapsed count as abandoned", () => {
  const slots = {
    lapsed: { claimId: "c1", state: "reserved" as const, until },
    fresh: { claimId: "c2", state: "reserved" as const, until: "2026-01-01T00:30:00.000Z" },
    active: { claimId: "c3", state: "active" as const, until },
  };
  expect(abandonedSlots(anInstance({ used: 3, slots }), "2026-01-01T00:20:00.000Z")).toEqual([
    { tenantId: "lapsed", claimId: "c1" },
  ]);
});

test("whatever is claimed, activated and released in any order: never above capacity, and the count is the slots", () => {
  const tenant = fc.constantFrom("t1", "t2", "t3", "t4", "t5");
  const claim = fc.constantFrom("c1", "c2", "c3");
  const step = fc.record({ act: fc.constantFrom("claim", "activate", "release"), tenant, claim });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 3 }), fc.array(step, { maxLength: 60 }), (capacity, steps) => {
      let instance: Instance = anInstance({ capacity });
      for (const { act, tenant: id, claim: by } of steps) {
        if (act === "claim") {
          instance = claimSlot(instance, id, by, until) ?? instance;
        } else {
          instance = (act === "activate" ? activateSlot : releaseSlot)(instance, id, by) ?? instance;
        }
        expect(Object.keys(instance.slots).length).toBeLessThanOrEqual(capacity);
        expect(instance.used).toBe(Object.keys(instance.slots).length);
      }
    }),
  );
});
