import { describe, expect, it } from "vitest";
import { baseNames, collectionId, collectionName, namespaceOf, parseCollectionName } from "./namespace.ts";

describe("namespaces", () => {
  it("has no base that is the beginning of another", () => {
    const ambiguous = baseNames.flatMap((one) => baseNames.filter((other) => other.startsWith(`${one}_`)));
    expect(ambiguous).toEqual([]);
    expect(baseNames.filter((base) => base.includes("_"))).toEqual([]);
  });

  it("reads a name back as what it was made of", () => {
    for (const base of baseNames) {
      for (const namespace of ["acme", "home_lab", "nodes_x", "default"]) {
        expect(parseCollectionName(collectionName(base, namespace))).toEqual({ base, namespace });
      }
    }
  });

  it.each(["nodes", "nodes_", "_tenants", "_sso_mappings", "audit_acme", "NODES_acme", "nodesx_acme", ""])(
    "knows that %j is no tenant's",
    (name) => {
      expect(parseCollectionName(name)).toBeUndefined();
    },
  );

  it("never gives one tenant's collection the id that is another's name", () => {
    const names = baseNames.map((base) => collectionName(base, namespaceOf("acme0000000000a")));
    const ids = baseNames.map((base) => collectionId(base, "acme0000000000a"));
    expect(ids.filter((id) => names.includes(id) || parseCollectionName(id) !== undefined)).toEqual([]);
  });
});
