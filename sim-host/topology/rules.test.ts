import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { helpOf } from "./finding.ts";
import { readTopology } from "./read-topology.ts";
import { severities } from "./rules.ts";

const page = readFileSync(new URL("../../docs/simulations-rules.md", import.meta.url), "utf8");
const sections = page
  .split(/^## /m)
  .slice(1)
  .map((section) => /^(\S+)\n\nSeverity: (\w+)\. (\S.*)\n/.exec(section)?.slice(1, 3) ?? [section, "none"]);

test("every rule is explained under the heading that findings link to, with its severity, and no other is", () => {
  expect(Object.fromEntries(sections)).toEqual(severities);
  expect(sections).toHaveLength(Object.keys(severities).length);
});

test("a finding links to its rule", () => {
  const { findings } = readTopology("name: x\nnodes: { a: { image: none } }\n", { images: ["toolbox"] });
  expect(findings.map(({ rule, help }) => [rule, help])).toContainEqual([
    "topology/image-unknown",
    "https://docs.kombify.io/simulations/rules#topologyimage-unknown",
  ]);
  expect(findings.every(({ rule, help }) => help === helpOf(rule))).toBe(true);
});
