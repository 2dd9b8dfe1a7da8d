import { expect, it } from "vitest";
import { applyRepair } from "./apply-repair.ts";

it.each([
  [
    "replaces, and keeps comments and order",
    "# mine\nname: A B # bad\nports:\n  web: 80\n",
    [{ op: "replace", path: "/name", value: "a-b" }],
    "# mine\nname: a-b # bad\nports:\n  web: 80\n",
  ],
  [
    "adds a mapping and a member of it",
    "name: a\n",
    [
      { op: "add", path: "/ports", value: {} },
      { op: "add", path: "/ports/web", value: 8081 },
    ],
    "name: a\nports:\n  web: 8081\n",
  ],
  ["removes", "name: a\nx/y: 1\n", [{ op: "remove", path: "/x~1y", value: undefined }], "name: a\n"],
  ["begins where there is nothing", "", [{ op: "add", path: "/name", value: "a" }], "name: a\n"],
  ["begins anew where there is no mapping", "just words", [{ op: "add", path: "/name", value: "a" }], "name: a\n"],
] as const)("%s", (_, text, repair, repaired) => {
  expect(applyRepair(text, repair)).toBe(repaired);
});

it("takes a key for a key, whatever it is called", () => {
  const repaired = applyRepair("name: a\n__proto__: 1\n", [{ op: "remove", path: "/__proto__", value: undefined }]);
  expect(repaired).toBe("name: a\n");
});
