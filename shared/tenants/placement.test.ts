import fc from "fast-check";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { aCaller } from "../../tests/support/builders.ts";
import { aTenancy } from "../../tests/support/tenancy.ts";

type Tenancy = ReturnType<typeof aTenancy>;

const signUp = (tenancy: Tenancy, number: number) => {
  const caller = aCaller({ orgId: `org-${number}`, sub: `person-${number}` });
  return tenancy.provision(caller, {
    name: `Tenant ${number}`,
    slug: `tenant-${number}`,
    namespace: `tenant_${number}`,
  });
};

/** Organisations 1 to `count`, accepted a millisecond after each other. */
const signUpInOrder = async (tenancy: Tenancy, count: number) => {
  const tenants = [];
  for (let number = 1; number <= count; number += 1) {
    tenants.push(await signUp(tenancy, number));
    tenancy.advanceClock(1);
  }
  return tenants;
};

const orgsIn = async (tenancy: Tenancy, status: "active" | "waiting") =>
  (await tenancy.tenants.inOrder(status, 500)).map(({ orgId }) => orgId);

const organisations = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => `org-${from + index}`);

const unfit = [
  { status: "draining" },
  { status: "retiring" },
  { health: "failing" },
  { health: "stale" },
  { health: "offline" },
] as const;

test("whenever an instance is drained or falls ill, it gets nobody whom it had not taken before", async () => {
  const moment = fc.record({ change: fc.constantFrom(...unfit), afterMilliseconds: fc.nat({ max: 12 }) });
  let changedInTheMiddle = 0;
  await fc.assert(
    fc.asyncProperty(moment, async ({ change, afterMilliseconds }) => {
      const tenancy = aTenancy({ instances: 2 });
      await tenancy.addInstance({ id: "stack-full", capacity: 1, used: 0 });
      const all = Promise.all(Array.from({ length: 20 }, (_, index) => signUp(tenancy, index)));
      await sleep(afterMilliseconds);
      const changed = await tenancy.changeInstance("stack-1", () => change);
      const before = Object.keys(changed?.slots ?? {});
      await all;
      tenancy.advanceClock(26_000);
      await tenancy.reconcile();
      if (before.length > 0 && before.length < 10) changedInTheMiddle += 1;
      const after = (await tenancy.instances()).find(({ id }) => id === "stack-1");
      expect(before).toEqual(expect.arrayContaining(Object.keys(after?.slots ?? {})));
      expect(await orgsIn(tenancy, "active")).toHaveLength(20);
    }),
    { numRuns: 40 },
  );
  expect(changedInTheMiddle, "the change never met a sign-up, so nothing was tested").toBeGreaterThan(0);
});

test.each(unfit)("an intent to go to an instance that is %o meanwhile ends elsewhere", async (change) => {
  const tenancy = aTenancy({ instances: 1 });
  await tenancy.instances();
  // The 6th write takes the slot: slug, tenant, operation, the slug for good, the intent, the slot.
  tenancy.documents.dieAt(6, "before");
  await expect(signUp(tenancy, 1)).rejects.toThrow();
  tenancy.documents.revive();
  expect((await tenancy.tenants.inOrder("provisioning", 1))[0]?.placement).toMatchObject({
    instanceId: "stack-1",
    state: "claiming",
  });
  await tenancy.changeInstance("stack-1", () => change);
  await tenancy.addInstance({ id: "stack-well" });
  tenancy.advanceClock(26_000);
  expect(await tenancy.reconcile()).toBe(1);
  expect((await tenancy.instances()).map(({ id, used }) => ({ id, used }))).toEqual([
    { id: "stack-1", used: 0 },
    { id: "stack-well", used: 1 },
  ]);
});

test("a tenant whose reserved place is on an instance that fell ill moves on, and leaves no slot behind", async () => {
  const tenancy = aTenancy({ instances: 1 });
  tenancy.setStackDown(true);
  expect((await signUp(tenancy, 1)).placement).toMatchObject({ instanceId: "stack-1" });
  tenancy.setStackDown(false);
  await tenancy.changeInstance("stack-1", () => ({ health: "offline" }));
  await tenancy.addInstance({ id: "stack-well" });
  tenancy.advanceClock(6_000);
  expect(await tenancy.reconcile()).toBe(1);
  const [ill, well] = await tenancy.instances();
  expect(ill).toMatchObject({ used: 0, slots: {} });
  expect(well).toMatchObject({ used: 1 });
});

test("who waits is placed in order of acceptance, several at a time, as far as there is room", async () => {
  const tenancy = aTenancy({ instances: 0 });
  await signUpInOrder(tenancy, 30);
  await tenancy.addInstance({ capacity: 7 });
  await tenancy.addInstance({ capacity: 5 });
  expect(await tenancy.reconcile()).toBe(12);
  expect(await orgsIn(tenancy, "active")).toEqual(organisations(1, 12));
  expect(await orgsIn(tenancy, "waiting")).toEqual(organisations(13, 30));
  expect(tenancy.mostSpacesAtOnce()).toBeGreaterThan(1);
});

test("who comes later does not overtake who waits, but need not wait where there is room for all", async () => {
  const tenancy = aTenancy({ instances: 0 });
  await signUpInOrder(tenancy, 3);
  await tenancy.addInstance({ capacity: 3 });
  expect((await signUp(tenancy, 4)).status).toBe("waiting");
  await tenancy.addInstance({ capacity: 2 });
  expect((await signUp(tenancy, 5)).status).toBe("active");
  expect(await tenancy.reconcile()).toBe(4);
  expect(await orgsIn(tenancy, "waiting")).toEqual([]);
});

test("room is asked for as soon as a placement leaves less than the headroom, not before", async () => {
  const tenancy = aTenancy({ instances: 0 });
  await tenancy.addInstance({ capacity: 7 });
  await signUpInOrder(tenancy, 2);
  expect(tenancy.scaleOuts()).toEqual([]);
  expect((await signUp(tenancy, 3)).status).toBe("active");
  expect(tenancy.scaleOuts()).toHaveLength(1);
});

test("a scale-out that cannot be asked for spoils neither who has a place nor who waits", async () => {
  const tenancy = aTenancy({ instances: 0 });
  tenancy.breakScaleOut();
  await tenancy.addInstance({ capacity: 1 });
  const [placed, waiting] = await signUpInOrder(tenancy, 2);
  const operationOf = (tenant = placed) =>
    tenancy.operations.forOwner(tenant?.orgId ?? "").find(tenant?.operationId ?? "");
  expect(await operationOf(placed)).toMatchObject({ status: "succeeded", error: null });
  expect(await operationOf(waiting)).toMatchObject({ status: "waiting", error: null });
});
