import type PocketBase from "pocketbase";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { pocketBaseInstanceFlags } from "../../shared/adapters/pocketbase/instance-flags.ts";
import type { InstanceFlags, TenantFlag } from "../../shared/flags/ports.ts";
import type { TestStack } from "./isolation-fixture.ts";
import { aSpace, connect, startTestStack, superuserPassword } from "./isolation-fixture.ts";

const acme = aSpace("acme");
// No byte more may be stored by its people.
const globex = aSpace("globex", { storageMegabytesMax: 0 });

let one: TestStack;
let instance: InstanceFlags;
const people: Record<string, PocketBase> = {};

const flag = (key: string, value: TenantFlag["value"], revision = 1): TenantFlag => ({
  ...{ key, value, variant: "some", reason: "STATIC", revision },
});

const rowsOf = async (client: PocketBase, namespace: string) =>
  client.collection(`flags_${namespace}`).getFullList<TenantFlag & { id: string; updated: string }>({ sort: "key" });
const valuesOf = async (namespace: string) => (await rowsOf(one.root, namespace)).map(({ value }) => value);

beforeAll(async () => {
  one = await startTestStack();
  for (const space of [acme, globex]) {
    await one.stack.createTenantSpace(space);
    const { tenantId, namespace } = space;
    const outcome = await one.stack.openSession({
      tenantId,
      namespace,
      sub: `of-${namespace}`,
      isOrganisationAdmin: true,
    });
    if (outcome.kind !== "opened") throw new Error(outcome.kind);
    const client = connect(one.server.url);
    client.authStore.save(outcome.session.token);
    people[namespace] = client;
  }
  const open = pocketBaseInstanceFlags({
    secrets: {
      read: () => Promise.resolve(superuserPassword),
      createIfAbsent: () => Promise.resolve(superuserPassword),
      remove: () => Promise.resolve(),
    },
  });
  instance = open({ instanceId: "stack-1", internalEndpoint: one.server.url });
});
afterAll(() => one.server.stop());
beforeEach(async () => {
  for (const space of [acme, globex]) await instance.writeTenant(space, [], 1_000);
});

test("a tenant has what it was given, of the type it was given in, and changes touch only what differs", async () => {
  const flags = [flag("a", true), flag("b", "true"), flag("c", "5"), flag("d", 0.5), flag("e", ""), flag("f", '"x"')];
  await instance.writeTenant(acme, flags, 1);
  expect(await valuesOf("acme")).toEqual(flags.map(({ value }) => value));
  const before = await rowsOf(one.root, "acme");
  await instance.writeTenant(acme, [...flags.slice(1), flag("g", false, 2)], 2);
  const after = await rowsOf(one.root, "acme");
  expect(after.slice(0, 5)).toEqual(before.slice(1));
  expect(after.map(({ key }) => key)).toEqual(["b", "c", "d", "e", "f", "g"]);
});

test("an older set takes nothing back that a newer one has written", async () => {
  await instance.writeTenant(acme, [flag("a", "new", 5), flag("b", "new", 4), flag("c", "new", 5)], 5);
  await instance.writeTenant(acme, [flag("a", "old", 3)], 4);
  expect((await rowsOf(one.root, "acme")).map(({ key, value }) => `${key} ${String(value)}`)).toEqual([
    "a new",
    "c new",
  ]);
});

test("a tenant whose store is full gets its flags all the same", async () => {
  await instance.writeTenant(globex, [flag("a", true)], 1);
  expect(await valuesOf("globex")).toEqual([true]);
});

test("people read their own tenant's flags, change none, and find nobody else's", async () => {
  await instance.writeTenant(acme, [flag("a", "acme's")], 1);
  await instance.writeTenant(globex, [flag("a", "globex's")], 1);
  const [ada, gina] = [people["acme"]!, people["globex"]!];
  const [own] = await rowsOf(ada, "acme");
  expect(own?.value).toBe("acme's");
  expect((await rowsOf(gina, "globex"))[0]?.value).toBe("globex's");
  const [foreign] = await rowsOf(one.root, "globex");
  const refused = { status: expect.toSatisfy((status: number) => [403, 404].includes(status)) as number };
  await expect(rowsOf(ada, "globex")).rejects.toMatchObject(refused);
  await expect(ada.collection("flags_globex").getOne(foreign?.id ?? "")).rejects.toMatchObject(refused);
  const rows = ada.collection("flags_acme");
  await expect(rows.create({ ...flag("own", true) })).rejects.toMatchObject(refused);
  await expect(rows.update(own?.id ?? "", { value: 1 })).rejects.toMatchObject(refused);
  await expect(rows.delete(own?.id ?? "")).rejects.toMatchObject(refused);
  await expect(ada.collection("_flag_state").getFullList()).rejects.toMatchObject(refused);
});

test("instances and tenants of an earlier release get what they lack, with its rules", async () => {
  await one.root.collections.delete("flags_acme");
  await one.root.collections.delete("_flag_state");
  expect(await instance.readRevision()).toBe(0);
  await instance.writeTenant(acme, [flag("a", true)], 1);
  await instance.writeRevision(7);
  await instance.writeRevision(8);
  expect(await instance.readRevision()).toBe(8);
  expect((await rowsOf(people["acme"]!, "acme"))[0]?.value).toBe(true);
  await expect(rowsOf(people["globex"]!, "acme")).rejects.toMatchObject({ status: 403 });
});
