import { expect, test } from "vitest";
import { aCaller } from "../../tests/support/builders.ts";
import { aTenancy } from "../../tests/support/tenancy.ts";
import { tenantIdOf } from "./tenant.ts";

const people = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    caller: aCaller({ orgId: `org-${index}`, sub: `person-${index}` }),
    wanted: { name: `Tenant ${index}`, slug: `tenant-${index}`, namespace: `tenant_${index}` },
  }));

test("a tenant is placed, its collections are made, its slug is held", async () => {
  const { provision, spaces, names, instances } = aTenancy({ instances: 1 });
  const tenant = await provision(aCaller(), { name: "Acme", slug: "acme", namespace: "acme" });
  expect(tenant).toMatchObject({ status: "active", slug: "acme", placement: { state: "active" } });
  expect(spaces()).toEqual([`stack-1/${tenant.tenantId}`]);
  expect(await names.ownerOf("slug:acme")).toBe(tenant.tenantId);
  expect((await instances())[0]?.slots[tenant.tenantId]).toMatchObject({ state: "active" });
});

test("200 sign-ups at once on instances of 50: nobody is lost, no instance is overbooked", async () => {
  const { provision, instances, operations } = aTenancy({ instances: 4 });
  const tenants = await Promise.all(people(200).map(({ caller, wanted }) => provision(caller, wanted)));
  expect(tenants.filter(({ status }) => status === "active")).toHaveLength(200);
  expect((await instances()).map((instance) => Object.keys(instance.slots).length)).toEqual([50, 50, 50, 50]);
  expect(new Set(tenants.map(({ tenantId }) => tenantId)).size).toBe(200);
  expect(await operations.running(500)).toEqual([]);
});

test("without room the request is accepted, one scale-out is asked for, and the first in line is placed first", async () => {
  const { provision, reconcile, addInstance, scaleOuts, tenants, advanceClock } = aTenancy({ instances: 0 });
  const waiting = [];
  for (const { caller, wanted } of people(3)) {
    waiting.push(await provision(caller, wanted));
    advanceClock(1);
  }
  expect(waiting.map(({ status }) => status)).toEqual(["waiting", "waiting", "waiting"]);
  expect(scaleOuts().length).toBeGreaterThan(0);
  await addInstance({ capacity: 2 });
  expect(await reconcile()).toBe(2);
  const states = await Promise.all(waiting.map(({ tenantId }) => tenants.forTenant(tenantId).read()));
  expect(states.map((found) => found?.value.status)).toEqual(["active", "active", "waiting"]);
});

test("a repeat with the same key is answered with the first tenant, with another body it is refused", async () => {
  const { provision } = aTenancy({ instances: 1 });
  const wanted = { name: "Acme", slug: "acme", namespace: "acme" };
  const first = await provision(aCaller(), wanted, "key-1");
  expect(await provision(aCaller(), wanted, "key-1")).toEqual(first);
  await expect(provision(aCaller(), { ...wanted, name: "Acme 2" }, "key-1")).rejects.toMatchObject({
    code: "idempotency-key-reused",
  });
  await expect(provision(aCaller(), wanted)).rejects.toMatchObject({ code: "organisation-has-tenant" });
});

test("20 requests of one organisation at once make one tenant and hold one slug", async () => {
  const { provision, instances, names } = aTenancy({ instances: 1 });
  const results = await Promise.allSettled(
    Array.from({ length: 20 }, (_, index) =>
      provision(aCaller(), { name: "Acme", slug: `acme-${index}`, namespace: `acme_${index}` }),
    ),
  );
  const made = results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  expect(made).toHaveLength(1);
  expect(Object.keys((await instances())[0]?.slots ?? {})).toHaveLength(1);
  const owners = await Promise.all(Array.from({ length: 20 }, (_, index) => names.ownerOf(`slug:acme-${index}`)));
  expect(owners.filter((owner) => owner !== undefined)).toHaveLength(1);
});

test("20 organisations that want one slug at once: one gets it, the others are told so and hold nothing", async () => {
  const { provision, instances } = aTenancy({ instances: 1 });
  const results = await Promise.allSettled(
    people(20).map(({ caller }) => provision(caller, { name: "Acme", slug: "acme", namespace: "acme" })),
  );
  expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  for (const result of results) {
    if (result.status === "rejected") expect(result.reason).toMatchObject({ code: "slug-taken" });
  }
  expect(Object.keys((await instances())[0]?.slots ?? {})).toHaveLength(1);
});

test("a Stack that is down leaves the tenant provisioning; it becomes active when the Stack is back", async () => {
  const { provision, reconcile, setStackDown, advanceClock, operations } = aTenancy({ instances: 1 });
  setStackDown(true);
  const tenant = await provision(aCaller(), { name: "Acme", slug: "acme", namespace: "acme" });
  expect(tenant.status).toBe("provisioning");
  const operation = await operations.forOwner(tenant.orgId).find(tenant.operationId);
  expect(operation).toMatchObject({ status: "running", error: { code: "stack-unavailable" } });
  setStackDown(false);
  advanceClock(6_000);
  expect(await reconcile()).toBe(1);
});

test("past its deadline a tenant fails, gives back what it held, and can be retried", async () => {
  const { provision, reconcile, retry, setStackDown, advanceClock, instances, names, operations } = aTenancy({
    instances: 1,
  });
  setStackDown(true);
  const tenant = await provision(aCaller(), { name: "Acme", slug: "acme", namespace: "acme" });
  advanceClock(25 * 60 * 60_000);
  await reconcile();
  expect(await operations.forOwner(tenant.orgId).find(tenant.operationId)).toMatchObject({ status: "failed" });
  expect((await instances())[0]?.slots).toEqual({});
  expect(await names.ownerOf("slug:acme")).toBeUndefined();
  setStackDown(false);
  expect(await retry(aCaller(), tenant.operationId)).toMatchObject({ status: "succeeded" });
  expect((await instances())[0]?.slots[tenantIdOf(aCaller().orgId ?? "")]).toMatchObject({ state: "active" });
});

test("waiting work can be cancelled by its own organisation, and the organisation may start again", async () => {
  const { provision, cancel, addInstance, names } = aTenancy({ instances: 0 });
  const tenant = await provision(aCaller(), { name: "Acme", slug: "acme", namespace: "acme" });
  await expect(cancel(aCaller({ orgId: "another-org" }), tenant.operationId)).rejects.toMatchObject({
    code: "not-found",
  });
  expect(await cancel(aCaller(), tenant.operationId)).toMatchObject({ status: "cancelled" });
  expect(await names.ownerOf("slug:acme")).toBeUndefined();
  await addInstance({});
  expect(await provision(aCaller(), { name: "Acme", slug: "acme-2", namespace: "acme_2" })).toMatchObject({
    status: "active",
  });
  await expect(cancel(aCaller(), tenant.operationId)).rejects.toMatchObject({ code: "operation-not-cancellable" });
});

test("a tenant that waits for room keeps its slug however long it takes", async () => {
  const { provision, reconcile, addInstance, advanceClock, names } = aTenancy({ instances: 0 });
  const waiting = await provision(aCaller(), { name: "Acme", slug: "acme", namespace: "acme" });
  expect(waiting.status).toBe("waiting");
  advanceClock(20 * 60_000);
  await expect(
    provision(aCaller({ orgId: "another-org" }), { name: "Also Acme", slug: "acme", namespace: "acme" }),
  ).rejects.toMatchObject({ code: "slug-taken" });
  await addInstance({});
  expect(await reconcile()).toBe(1);
  expect(await names.ownerOf("slug:acme")).toBe(waiting.tenantId);
});
