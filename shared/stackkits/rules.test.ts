import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { helpOf } from "./finding.ts";
import { severities } from "./rules.ts";

const sources = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"))
  .map((file) => readFileSync(`${import.meta.dirname}/${file}`, "utf8"))
  .join("\n");
/** Kinds of what is not read further are put behind `spec/`. */
const specRules = ["syntax", "alias", "too-large", "too-deep"].map((kind) => `spec/${kind}`);

test("every rule is explained under the heading that findings link to, and no other is", () => {
  const rules = [
    ...Object.keys(severities),
    ...specRules,
    ...[...sources.matchAll(/"(spec\/[a-z-]+)"/g)].map(([, rule = ""]) => rule),
  ];
  const page = readFileSync(new URL("../../docs/kits/rules.md", import.meta.url), "utf8");
  const headings = [...page.matchAll(/^## (\S+)$/gm)].map(([, heading = ""]) => heading);
  expect(headings.toSorted()).toEqual([...new Set(rules)].toSorted());
  expect(helpOf("spec/port-taken")).toBe("https://docs.kombify.io/stackkits/rules#specport-taken");
});
