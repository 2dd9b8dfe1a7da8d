import { expect, it } from "vitest";
import { collectionName, namespaceOf } from "../../shared/stack/namespace.ts";
import { namespaceOfUsers } from "./tenant-namespace.ts";

it("finds the namespace of a tenant's people, and of nothing else", () => {
  expect(namespaceOfUsers(collectionName("users", namespaceOf("home-lab-2")))).toBe("home_lab_2");
  expect(["users", "users_", "_superusers", "nodes_acme", "users_a/../b", "xusers_acme"].map(namespaceOfUsers)).toEqual(
    Array(6).fill(undefined),
  );
});
