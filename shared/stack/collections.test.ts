import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { tenantCollections } from "./collections.ts";
import type { CollectionDefinition } from "./collection-definition.ts";
import { lintCollections } from "./lint-collections.ts";
import { baseNames, namespaceOf } from "./namespace.ts";
import { systemCollections } from "./system-collections.ts";

const acme = { tenantId: "acme00000000001", namespace: "acme" };
const globex = { tenantId: "globex000000001", namespace: "globex" };

/** Acme's collections with one of them spoilt. */
const spoilt = (name: string, change: Partial<CollectionDefinition>): readonly CollectionDefinition[] =>
  tenantCollections(acme).map((collection) => (collection.name === name ? { ...collection, ...change } : collection));

const nodesOf = (scope: typeof acme): CollectionDefinition => tenantCollections(scope)[1]!;
const clause = '@request.auth.collectionId = "acme00000000001_users"';

describe("tenantCollections", () => {
  it("makes every base once and isolated", () => {
    const collections = tenantCollections(acme);
    expect(collections.map((collection) => collection.name)).toEqual(baseNames.map((base) => `${base}_acme`));
    expect(lintCollections(collections, acme)).toEqual([]);
  });

  it("shares no id, name or index name between any two tenants", () => {
    const namespace = fc.stringMatching(/^[a-z][a-z0-9]{0,4}(-[a-z0-9]{1,3}){0,2}$/u).map(namespaceOf);
    fc.assert(
      fc.property(fc.uniqueArray(namespace, { minLength: 2, maxLength: 6 }), (namespaces) => {
        const claimed = namespaces.flatMap((one, place) =>
          tenantCollections({ tenantId: `tenant${place}00000000`, namespace: one }).flatMap((collection) => [
            collection.id,
            collection.name,
            ...collection.indexes.map((statement) => /`(\w+)`/u.exec(statement)?.[1]),
          ]),
        );
        expect(new Set(claimed).size).toBe(claimed.length);
      }),
    );
  });

  it("lets people in by single sign-on only", () => {
    const users = tenantCollections(acme)[0]!;
    expect(users).toMatchObject({
      createRule: null,
      manageRule: null,
      passwordAuth: { enabled: false },
      oauth2: { enabled: false },
      otp: { enabled: false },
      mfa: { enabled: false },
      authToken: { duration: 28_800 },
    });
    expect(users.fields.map((field) => field.name)).not.toContain("zitadelSub");
  });

  it("closes the system collections to everybody but superusers", () => {
    for (const collection of systemCollections) {
      expect([
        collection.listRule,
        collection.viewRule,
        collection.createRule,
        collection.updateRule,
        collection.deleteRule,
      ]).toEqual([null, null, null, null, null]);
    }
  });
});

describe("lintCollections", () => {
  it.each([
    ["an open rule", { listRule: "" }],
    ["any signed-in user", { listRule: '@request.auth.id != ""' }],
    ["another tenant's users", { viewRule: '@request.auth.collectionId = "globex000000001_users"' }],
    ["a longer id", { viewRule: clause.replace('users"', 'users2"') }],
    ["an alternative to the clause", { updateRule: `${clause} || (status = "online")` }],
    ["an alternative behind a group", { updateRule: `${clause} && (name = "a") || (status = "online")` }],
    ["a bracket in a text", { updateRule: `${clause} && (name = ")") || (status = "(")` }],
    ["a loose condition", { deleteRule: `${clause} && status = "x" || status = "y"` }],
    ["a manage rule", { manageRule: clause }],
    ["an unprotected file", { fields: [{ name: "photo", type: "file" }] }],
    ["a foreign relation", { fields: [{ name: "node", type: "relation", collectionId: "globex000000001_nodes" }] }],
    ["an index without namespace", { indexes: ["CREATE INDEX `idx_nodes_name` ON `nodes_acme` (`name`)"] }],
    ["an index of another tenant", { indexes: nodesOf(globex).indexes }],
    ["another id", { id: "globex000000001_nodes" }],
    ["another name", { name: "nodes_globex" }],
  ])("finds %s", (_, change) => {
    expect(lintCollections(spoilt("nodes_acme", change), acme)).not.toEqual([]);
  });

  it("accepts alternatives inside the group behind the clause", () => {
    const rule = `${clause} && (name = ")" || (status = "online" && name != "")) && (kind = 'virtual')`;
    expect(lintCollections(spoilt("nodes_acme", { updateRule: rule }), acme)).toEqual([]);
  });
});
