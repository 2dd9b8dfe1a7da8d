import type { CollectionModel } from "pocketbase";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { tenantCollections } from "../../shared/stack/collections.ts";
import { collectionId } from "../../shared/stack/namespace.ts";
import type { TenantSpace } from "../../shared/stack/stack.ts";
import { send } from "./isolation-attacks.ts";
import { aSpace, startTestStack, type TestStack } from "./isolation-fixture.ts";
import { connectRealtime, eventually } from "./isolation-realtime.ts";
import { bodyOf } from "./isolation-records.ts";

let test: TestStack;
const acme = aSpace("acme");
const globex = aSpace("globex");

beforeAll(async () => {
  test = await startTestStack();
  await test.stack.createTenantSpace(acme);
  await test.stack.createTenantSpace(globex);
  await test.root.settings.update({ rateLimits: { enabled: false } });
});

afterAll(() => test.server.stop());

const signIn = async ({ tenantId, namespace }: TenantSpace): Promise<string> => {
  const outcome = await test.stack.openSession({ tenantId, namespace, sub: "sub-1", isOrganisationAdmin: true });
  if (outcome.kind !== "opened") throw new Error(`not opened: ${outcome.kind}`);
  return outcome.session.token;
};

const relation = (collection: string): object => ({
  name: "leak",
  type: "relation",
  collectionId: collection,
  maxSelect: 1,
});

/** A definition as the control plane would import it, changed by mistake. */
const importWith = async (id: string, name: string, change: object): Promise<string> => {
  const made = [{ id, name, type: "base", ...change }] as unknown as CollectionModel[];
  return test.root.collections.import(made, false).then(
    () => "accepted",
    (error: unknown) => JSON.stringify((error as { readonly response: unknown }).response),
  );
};

describe("a collection's definition", () => {
  const nodes = [collectionId("nodes", acme.tenantId), "nodes_acme"] as const;
  const target = collectionId("nodes", globex.tenantId);

  it.each([
    ["a relation to another tenant's collection", nodes, { fields: [relation(target)] }],
    ["a relation to the list of tenants", nodes, { fields: [relation("kombify_tenants")] }],
    ["a file that anybody may read", nodes, { fields: [{ name: "leak", type: "file", maxSelect: 1 }] }],
    ["a relation to a tenant's from outside", ["notes00000000000", "notes"] as const, { fields: [relation(target)] }],
    ["a view", ["report0000000000", "report"] as const, { type: "view", viewQuery: "SELECT id FROM nodes_globex" }],
  ])("may not hold %s", async (_what, [id, name], change) => {
    expect(await importWith(id, name, change)).toContain('"status":400');
    const all = await test.root.collections.getFullList();
    expect(all.flatMap(({ fields }) => fields.map((field) => field.name))).not.toContain("leak");
    expect(all.filter((collection) => collection.type === "view")).toEqual([]);
  });

  it("may not lead to another tenant that is made in the same import", async () => {
    const [one, two] = [aSpace("one"), aSpace("two")];
    const definitions = [...tenantCollections(one), ...tenantCollections(two)].map((definition) =>
      definition.name === "services_one"
        ? { ...definition, fields: [...definition.fields, relation(collectionId("nodes", two.tenantId))] }
        : definition,
    );
    const made = definitions as unknown as CollectionModel[];
    await expect(test.root.collections.import(made, false)).rejects.toMatchObject({ status: 400 });
    const names = (await test.root.collections.getFullList()).map(({ name }) => name);
    expect(names.filter((name) => /_(?:one|two)$/u.test(name))).toEqual([]);
  });
});

describe("a collection that is no tenant's", () => {
  it("is closed to users and guests, whatever its rules say", async () => {
    const open = { listRule: "", viewRule: "", createRule: "", updateRule: "", deleteRule: "" };
    await test.root.collections.update("_sso_mappings", open);
    await signIn(globex);
    const mapping = await test.root.collection("_sso_mappings").getFirstListItem("");
    const url = `${test.server.url}/api/collections/_sso_mappings/records`;
    try {
      for (const token of [undefined, await signIn(acme)]) {
        const answers = [
          await send(url, "GET", token),
          await send(`${url}/${mapping.id}`, "GET", token),
          await send(`${url}/${mapping.id}`, "PATCH", token, { isAdmin: true }),
          await send(url, "POST", token, { zitadelSub: "x", tenantId: acme.tenantId, pbUserId: "y" }),
          await send(`${url}/${mapping.id}`, "DELETE", token),
        ];
        for (const { status, text } of answers) {
          expect(status, text).toBe(403);
          expect(text).toContain("collection-closed");
        }
        const realtime = await connectRealtime(test.server.url);
        expect(await realtime.subscribe(["_sso_mappings/*"], token)).toBe(403);
        realtime.close();
      }
    } finally {
      await test.stack.prepare();
    }
  });
});

describe("a realtime connection", () => {
  it("carries nothing any more once its tenant is suspended", async () => {
    const space = aSpace("quiet");
    await test.stack.createTenantSpace(space);
    const listener = await connectRealtime(test.server.url);
    const watcher = await connectRealtime(test.server.url);
    expect(await listener.subscribe(["nodes_quiet/*"], await signIn(space))).toBe(204);
    expect(await watcher.subscribe(["nodes_quiet/*"], test.root.authStore.token)).toBe(204);
    const create = (name: string): Promise<unknown> =>
      test.root.collection("nodes_quiet").create(bodyOf("nodes", name, ""));
    try {
      await create("while active");
      await eventually(() => listener.received().includes("while active"), "the user's event");
      // The row alone, without ending the logins: the rules still let the user through.
      await test.root.collection("_tenants").update(space.tenantId, { status: "suspended" });
      for (const name of ["suspended one", "suspended two"]) {
        await create(name);
        await eventually(() => watcher.received().includes(name), "the superuser's event");
      }
      expect(listener.received()).not.toContain("suspended");
    } finally {
      listener.close();
      watcher.close();
    }
  });
});
