import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { apiVersionOf } from "../../shared/adapters/arm/api-versions.ts";

test("what the template of an instance makes is deleted with the API version it is made with", () => {
  const template = readFileSync(join(import.meta.dirname, "../../infra/bicep/stack-instance.bicep"), "utf8");
  const made = [...template.matchAll(/^resource \w+ '([\w./]+)@([\d-]+)' = /gm)].map(([, type, version]) => ({
    type,
    version,
  }));
  expect(made.length).toBeGreaterThan(3);
  expect(made.map(({ type = "" }) => ({ type, version: apiVersionOf(type) }))).toEqual(made);
});
