import { assert, constantFrom, dictionary, integer, jsonValue, oneof, property, record, string } from "fast-check";
import { describe, expect, it } from "vitest";
import type { KitFacts, StackFacts } from "./kit-facts.ts";
import { applyRepair } from "./read-spec.ts";
import { validateSpec } from "./validate-spec.ts";

const kit: KitFacts = {
  id: "media",
  version: "1.2.0",
  minPlan: "pro",
  architectures: ["amd64"],
  memoryMegabytesMin: 1000,
  parameters: [
    { name: "title", type: "string", isRequired: true, default: "Films", min: 2, max: 20 },
    { name: "workers", type: "integer", isRequired: true, min: 1, max: 8 },
    { name: "quality", type: "choice", isRequired: false, choices: ["low", "high"] },
    { name: "isPublic", type: "boolean", isRequired: false, default: false },
  ],
  services: ["media"],
  ports: [
    { name: "web", number: 8096, protocol: "tcp" },
    { name: "cast", number: 8097, protocol: "tcp" },
  ],
  dependencies: [],
};
const stack: StackFacts = {
  plan: "pro",
  serviceCount: 0,
  deploymentNames: ["media"],
  takenPorts: [{ port: 8096, by: "proxy" }],
  nodes: [],
  installed: [],
};

describe("validating a spec", () => {
  it("accepts a good one, as YAML and as JSON", () => {
    const good = { name: "films", version: "^1", parameters: { title: "Films", workers: 2 }, ports: { web: 80 } };
    expect(validateSpec(JSON.stringify(good), kit, stack)).toMatchObject({ isValid: true, lacks: [] });
    const yaml = "name: films\nparameters: {title: Films, workers: 2}\nports:\n  web: 80\n";
    expect(validateSpec(yaml, kit, stack).findings).toEqual([]);
  });

  it("takes a number of tcp and of udp for two ports", () => {
    const dns: KitFacts = {
      ...kit,
      parameters: [],
      ports: [
        { name: "dns", number: 53, protocol: "tcp" },
        { name: "dns-udp", number: 53, protocol: "udp" },
      ],
    };
    const rules = (takenPorts: StackFacts["takenPorts"]) =>
      validateSpec("name: dns\n", dns, { ...stack, takenPorts }).findings.map(({ pointer }) => pointer);
    expect(rules([])).toEqual([]);
    expect(rules([{ port: 53, protocol: "udp", by: "other" }])).toEqual(["/ports/dns-udp"]);
    expect(rules([{ port: 53, by: "somebody" }])).toEqual(["/ports/dns", "/ports/dns-udp"]);
  });

  it("points at line and column", () => {
    const text = "name: films\nparameters:\n  title: Films\n  workers: 99\nports: {web: 80}\n";
    expect(validateSpec(text, kit, stack).findings).toMatchObject([
      { rule: "spec/parameter-invalid", line: 4, column: 12, pointer: "/parameters/workers" },
    ]);
  });

  it("points at the key where the key is wrong, also when its value is on other lines", () => {
    const text =
      "name: films\nparameters:\n  title: Films\n  workers: 2\n  what:\n    is: this\nports:\n  tea:\n    a: 1\n  web: 80\n";
    expect(validateSpec(text, kit, stack).findings).toMatchObject([
      { rule: "spec/member-unknown", line: 8, column: 3, pointer: "/ports/tea" },
      { rule: "spec/parameter-unknown", line: 5, column: 3, pointer: "/parameters/what" },
    ]);
  });

  it("calls a spec valid that only the plan is too small for", () => {
    const text = '{"name":"films","parameters":{"title":"Films","workers":2},"ports":{"web":80}}';
    const answer = validateSpec(text, kit, { ...stack, plan: "free" });
    expect(answer).toMatchObject({ isValid: true, requiredPlan: "pro", lacks: ["The kit needs the plan pro."] });
  });

  it.each([
    ["a: 1\na: 2", "spec/syntax"],
    ["a:\n\t- b", "spec/syntax"],
    ["- a", "spec/not-a-mapping"],
    ["", "spec/not-a-mapping"],
    ["a: &x [1]\nb: [*x, *x]", "spec/alias"],
    ["a: 1\n---\nb: 2", "spec/syntax"],
    ["[".repeat(9_000), "spec/too-deep"],
    ["- ".repeat(9_000), "spec/too-deep"],
    ["__proto__: {name: x}", "spec/member-unknown"],
  ])("says what is wrong with %.40j", (text, rule) => {
    const { isValid, findings } = validateSpec(text.slice(0, 60_000), kit, stack);
    expect(isValid).toBe(false);
    expect(findings.some((finding) => finding.rule.startsWith(rule))).toBe(true);
  });

  const megabyte = 1_000_000;
  it.each([
    ["unknown parameters", `parameters:\n${Array.from({ length: 80_000 }, (_, n) => `  p${n}: 1\n`).join("")}`],
    ["quotes", '"'.repeat(megabyte)],
    ["anchors", "&a ".repeat(megabyte / 3)],
    ["blank lines", "\n".repeat(megabyte)],
    ["one key again and again", "a: 1\n".repeat(megabyte / 5)],
    ["texts without an end", 'a: "\n'.repeat(megabyte / 5)],
  ])("answers a megabyte of %s with one short finding, and soon", (_, text) => {
    const began = performance.now();
    const { findings } = validateSpec(text, kit, stack);
    // Seconds without a bound; a tenth of one with it.
    expect(performance.now() - began).toBeLessThan(1_000);
    expect(findings).toMatchObject([{ rule: "spec/too-large", reason: expect.any(String) as string }]);
  });

  it("refuses more members than any kit has, within what is read", () => {
    const text = `name: films\nparameters:\n${Array.from({ length: 1_001 }, (_, n) => `  p${n}: 1\n`).join("")}`;
    expect(validateSpec(text, kit, stack).findings).toMatchObject([{ rule: "spec/too-large", line: 3 }]);
  });

  it("repairs a broken spec until it validates, keys that are no texts included", () => {
    let text = "# mine\nname: Media!\n1: x\ntrue: y\nversion: ^9\nparameters:\n  workers: '99'\nports: {web: 8096}\n";
    for (let step = 0; step < 20; step += 1) {
      const repair = validateSpec(text, kit, stack).findings.find((finding) => finding.repair !== undefined)?.repair;
      if (repair !== undefined) text = applyRepair(text, repair);
    }
    expect(validateSpec(text, kit, stack)).toMatchObject({ isValid: true, findings: [] });
    expect(text).toContain("# mine");
  });

  it("offers repairs of which each leaves fewer findings, until none is left", () => {
    const port = oneof(integer({ min: -5, max: 70_000 }), constantFrom<unknown>(8096, 8097, "80"), jsonValue());
    const wild = record(
      {
        name: oneof(string(), constantFrom("media", "films")),
        version: constantFrom("^1", "^2", "soon"),
        parameters: oneof(
          dictionary(string(), jsonValue()),
          record({ title: jsonValue(), workers: jsonValue() }),
          jsonValue(),
        ),
        ports: oneof(record({ web: port, cast: port }, { requiredKeys: [] }), jsonValue()),
      },
      { requiredKeys: [] },
    );
    assert(
      property(wild, (value) => {
        let text = JSON.stringify(value);
        let { findings } = validateSpec(text, kit, stack);
        while (findings.length > 0) {
          const repair = findings.find((finding) => finding.repair !== undefined)?.repair;
          if (repair === undefined) throw new Error(`no repair for ${JSON.stringify(findings)}`);
          text = applyRepair(text, repair);
          const after = validateSpec(text, kit, stack).findings;
          expect(after.length).toBeLessThan(findings.length);
          findings = after;
        }
      }),
      { numRuns: 200 },
    );
  });
});
