import { describe, expect, it } from "vitest";
import { workOf } from "../../tests/support/work-of.ts";
import type { Finding } from "./finding.ts";
import { readTopology } from "./read-topology.ts";
import { textBytesMax } from "./text-problem.ts";

const host = { images: ["toolbox", "dns"] };
const findingsOf = (text: string): readonly Finding[] => readTopology(text, host).findings;

const lab = (changed: Readonly<Record<string, string>>): string => {
  const parts: Readonly<Record<string, string>> = {
    name: "name: lab",
    nodes: "nodes:\n  a: { image: toolbox }\n  b: { image: toolbox }\n  c: { image: dns }",
    links: "links:\n  ab: { nodes: [a, b] }\n  bc: { nodes: [b, c] }",
    timeline: "timeline: []",
    assertions: "assertions: []",
  };
  return Object.values({ ...parts, ...changed }).join("\n");
};

const node = (members: string): string =>
  lab({ nodes: `nodes: { a: { image: toolbox, ${members} }, b: { image: dns }, c: { image: dns } }` });
const link = (members: string): string =>
  lab({ links: `links:\n  ab: { nodes: [a, b], ${members} }\n  bc: { nodes: [b, c] }` });
const event = (members: string): string => lab({ timeline: `timeline:\n  - { at: 5s, ${members} }` });
const claim = (members: string): string => lab({ assertions: `assertions:\n  - { name: x, ${members} }` });
const probe = "tcp: { from: a, to: b, port: 80 }";

/** A rule without its prefix, the pointer, and words of the reason (or line and column). */
type Refusal = readonly [text: string, rule: string, pointer: string, words?: string];
const named = (refusals: readonly Refusal[]) =>
  refusals.map(([text, rule, pointer, words = ""]) => ({ text, rule: `topology/${rule}`, pointer, words }));

const expectOnly = (text: string, rule: string, pointer: string, words: string): void => {
  const found = findingsOf(text).filter(({ severity }) => severity === "error");
  expect(found).toMatchObject([{ rule, pointer }]);
  expect(found[0]?.reason).toContain(words);
};

describe("a topology is refused", () => {
  it("for none of its examples as they are", () => {
    for (const text of [
      lab({}),
      node("seed: 1").replace("seed: 1", "command: [x]"),
      link("delay: 5ms"),
      event("node: a, action: kill"),
    ]) {
      expect(findingsOf(text)).toEqual([]);
    }
  });

  it.each(
    named([
      ["", "not-a-mapping", "", "1:1"],
      ["- a", "not-a-mapping", "", "1:1"],
      ["name: x\n\tnodes: {}", "syntax", "", "2:1"],
      ["\ufeffname: x", "encoding", "", "1:1"],
      ["name: x\nseed: \0", "encoding", "", "2:7"],
      ["n\0a\0m\0e\0", "encoding", "", "1:2"],
      ["name: \ufffd", "encoding", "", "1:7"],
      ["name: \ud800", "encoding", "", "1:7"],
      [`name: ${"x".repeat(textBytesMax)}`, "too-large", "", "1:1"],
      [`name: ${"é".repeat(256_000)}`, "too-large", "", "1:1"],
      ["name: &a x\nseed: *a", "alias", "/seed", "2:7"],
      ["a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nname: *c", "alias", "", "2:8"],
      ["name: x\nname: y", "key-twice", "/name", "2:1"],
      ["nodes:\n  a: {}\n  a: {}", "key-twice", "/nodes/a", "3:3"],
      ["name: x\n__proto__: { name: y }", "key-refused", "/__proto__", "2:1"],
      ["nodes: { constructor: { image: toolbox } }", "key-refused", "/nodes/constructor", "1:10"],
      ["nodes: { a: { environment: { __proto__: x } } }", "key-refused", "/nodes/a/environment/__proto__", "1:30"],
      [`name: ${"[".repeat(120)}${"]".repeat(120)}`, "too-deep", "/name", "1:106"],
      [`name: ${"[".repeat(500_000)}`, "too-deep", "", "1:107"],
      ["name: !!js/function x\nnodes: {}", "syntax", "", "1:7"],
      ["%YAML 9.9\n---\nname: x", "syntax", "", "1:7"],
    ]),
  )("as a text: $rule at $pointer, $words", ({ text, rule, pointer, words }) => {
    const found = findingsOf(text).filter((each) => each.pointer.startsWith(pointer));
    expect(found.map((each) => each.rule)).toEqual(found.map(() => rule));
    expect(`${found[0]?.line ?? 0}:${found[0]?.column ?? 0}`).toBe(words);
  });

  it.each(
    named([
      [lab({ name: "" }), "member-missing", "/name", "Add name"],
      [lab({ name: "name: '  '" }), "value-invalid", "/name"],
      [lab({ name: 'name: "a\\u202eb"' }), "value-invalid", "/name", "hidden"],
      [lab({ name: "name: lab\nseed: 1e999" }), "value-invalid", "/seed", "with an end"],
      [lab({ name: "name: lab\nseed: .nan" }), "value-invalid", "/seed", "with an end"],
      [lab({ name: "name: lab\nseed: 99999999999999999999" }), "value-invalid", "/seed"],
      [lab({ name: "name: lab\nseed: 1.5" }), "value-invalid", "/seed", "whole number"],
      [lab({ name: "name: lab\nseed: -1" }), "value-invalid", "/seed"],
      [lab({ name: "name: lab\nversion: 3" }), "member-unknown", "/version", "Known here are: "],
      [lab({ nodes: "nodes: {}" }), "too-many", "/nodes", "1 to 200"],
      [lab({ nodes: "nodes: [a, b]" }), "value-invalid", "/nodes", "mapping"],
      [lab({ nodes: "nodes: { a: }" }), "value-invalid", "/nodes/a", "mapping"],
      [lab({ nodes: "nodes: { A1: { image: toolbox } }" }), "name-invalid", "/nodes/A1", "lower-case"],
      [lab({ nodes: "nodes: { a-: { image: toolbox } }" }), "name-invalid", "/nodes/a-"],
      [lab({ nodes: `nodes: { ${"a".repeat(33)}: { image: toolbox } }` }), "name-invalid", `/nodes/${"a".repeat(33)}`],
      [lab({ nodes: "nodes: { localhost: { image: toolbox } }" }), "name-reserved", "/nodes/localhost", "another"],
      [lab({ nodes: "nodes: { ../b: { image: toolbox } }" }), "name-invalid", "/nodes/..~1b"],
      [node("image2: x"), "member-unknown", "/nodes/a/image2"],
      [node("privileged: true"), "member-unknown", "/nodes/a/privileged"],
      [node("command: sleep 5"), "value-invalid", "/nodes/a/command", "list"],
      [node("command: []"), "value-invalid", "/nodes/a/command"],
      [node("command: ['']"), "value-invalid", "/nodes/a/command", "program"],
      [node("command: [sleep, 5]"), "value-invalid", "/nodes/a/command/1", "quotes"],
      [node('command: ["a\\0b"]'), "value-invalid", "/nodes/a/command/0", "Control"],
      [node('command: ["a\\nb"]'), "value-invalid", "/nodes/a/command/0", "Control"],
      [node('command: ["\\ud800"]'), "value-invalid", "/nodes/a/command/0"],
      [node(`command: [${"x, ".repeat(64)}x]`), "too-many", "/nodes/a/command", "At most 64"],
      [node(`command: [${"é".repeat(2_001)}]`), "value-invalid", "/nodes/a/command/0", "4000 bytes"],
      [node("environment: { A: 1 }"), "value-invalid", "/nodes/a/environment/A", "quotes"],
      [node("environment: { 'A=B': x }"), "name-invalid", "/nodes/a/environment/A=B"],
      [node('environment: { A: "x\\ty" }'), "value-invalid", "/nodes/a/environment/A"],
      [
        node(`environment: { ${Array.from({ length: 65 }, (_, index) => `V${index}: x`).join(", ")} }`),
        "too-many",
        "/nodes/a/environment",
      ],
      [node("limits: { memory: 64 }"), "value-invalid", "/nodes/a/limits/memory", "64MB"],
      [node("limits: { memory: 7MB }"), "value-invalid", "/nodes/a/limits/memory", "8MB to 16GB"],
      [node("limits: { memory: 17GB }"), "value-invalid", "/nodes/a/limits/memory"],
      [node("limits: { memory: 8.5MB }"), "value-invalid", "/nodes/a/limits/memory", "whole"],
      [node("limits: { cpus: 0.01 }"), "value-invalid", "/nodes/a/limits/cpus", "at least 0.05"],
      [node("limits: { cpus: .inf }"), "value-invalid", "/nodes/a/limits/cpus"],
      [node("limits: { cpus: '1' }"), "value-invalid", "/nodes/a/limits/cpus", "number"],
      [node("limits: { pids: 5000 }"), "value-invalid", "/nodes/a/limits/pids", "at most 4096"],
      [node("healthcheck: {}"), "member-missing", "/nodes/a/healthcheck/command"],
      [node("healthcheck: { command: [x], interval: 0s }"), "value-invalid", "/nodes/a/healthcheck/interval"],
      [lab({ links: "links: { ab: { nodes: [a] } }" }), "value-invalid", "/links/ab/nodes", "At least 2"],
      [lab({ links: `links: { ab: { nodes: [${"a, ".repeat(29)}a] } }` }), "too-many", "/links/ab/nodes", "At most 29"],
      [link("delay: 61s"), "value-invalid", "/links/ab/delay", "60s"],
      [link("delay: -1ms"), "value-invalid", "/links/ab/delay"],
      [link("delay: 10"), "value-invalid", "/links/ab/delay", "20ms"],
      [link("loss: 101%"), "value-invalid", "/links/ab/loss", "100%"],
      [link("loss: 1e1%"), "value-invalid", "/links/ab/loss"],
      [link("rate: 7kbit"), "value-invalid", "/links/ab/rate", "8kbit"],
      [link("rate: 11gbit"), "value-invalid", "/links/ab/rate", "10gbit"],
      [link("rate: 10Mbit"), "value-invalid", "/links/ab/rate", "10mbit"],
      [event("link: ab"), "value-invalid", "/timeline/0", "link with impair"],
      [
        event("link: ab, from: a, impair: {}, state: down"),
        "member-unknown",
        "/timeline/0/state",
        "Known here are: at",
      ],
      [event("link: ab, state: sideways"), "value-invalid", "/timeline/0/state", "down, up"],
      [event("link: ab, impair: { loss: 3 }"), "value-invalid", "/timeline/0/impair/loss", "1%"],
      [event("link: ab, impair: {}, for: 0s"), "value-invalid", "/timeline/0/for"],
      [event("node: a, action: explode"), "value-invalid", "/timeline/0/action", "pause, resume"],
      [lab({ timeline: "timeline: [{ at: 25h, node: a, action: kill }]" }), "value-invalid", "/timeline/0/at", "24h"],
      [lab({ timeline: "timeline: { at: 5s }" }), "value-invalid", "/timeline", "list"],
      [claim("expect: always, until: 5s"), "value-invalid", "/assertions/0", "tcp or http"],
      [
        claim(`${probe}, http: { from: a, to: b, port: 80 }, expect: always, until: 5s`),
        "value-invalid",
        "/assertions/0",
      ],
      [
        claim("http: { from: a, to: b }, expect: always, until: 5s"),
        "member-missing",
        "/assertions/0/http/port",
        "Add port",
      ],
      [
        claim("tcp: { from: a, to: b, port: 65536 }, expect: always, until: 5s"),
        "value-invalid",
        "/assertions/0/tcp/port",
      ],
      [
        claim("http: { from: a, to: b, port: 1, path: 'a b' }, expect: always, until: 5s"),
        "value-invalid",
        "/assertions/0/http/path",
      ],
      [
        claim("http: { from: a, to: b, port: 1, status: 99 }, expect: always, until: 5s"),
        "value-invalid",
        "/assertions/0/http/status",
      ],
      [claim(`${probe}, expect: maybe, until: 5s`), "value-invalid", "/assertions/0/expect", "eventually"],
      [claim(`${probe}, expect: always, until: 25h`), "value-invalid", "/assertions/0/until"],
    ]),
  )("by the schema: $rule at $pointer", ({ text, rule, pointer, words }) => {
    expectOnly(text, rule, pointer, words);
  });

  it.each(
    named([
      [
        lab({}).replace("a: { image: toolbox", "a: { image: toolbax"),
        "image-unknown",
        "/nodes/a/image",
        "mean toolbox?",
      ],
      [
        lab({}).replace("a: { image: toolbox", "a: { image: nginx:latest"),
        "image-unknown",
        "/nodes/a/image",
        "one of: toolbox, dns.",
      ],
      [lab({}).replace("nodes: [a, b]", "nodes: [a, bb]"), "node-unknown", "/links/ab/nodes/1", "mean b?"],
      [lab({}).replace("nodes: [a, b]", "nodes: [a, b, a]"), "node-twice", "/links/ab/nodes/2", "already"],
      [link("directions: [{ from: a, to: a }]"), "direction-invalid", "/links/ab/directions/0/to", "different"],
      [link("directions: [{ from: a, to: c }]"), "direction-invalid", "/links/ab/directions/0/to", "one of: a, b."],
      [link("directions: [{ from: a, to: b }, { from: a, to: b }]"), "direction-twice", "/links/ab/directions/1"],
      [event("link: zz, state: down"), "link-unknown", "/timeline/0/link", "There is no link zz."],
      [event("link: ab, from: c, impair: { loss: 1% }"), "direction-invalid", "/timeline/0/from"],
      [event("link: ab, from: b, to: b, impair: { loss: 1% }"), "direction-invalid", "/timeline/0/to"],
      [event("link: ab, state: up, for: 3s"), "for-senseless", "/timeline/0/for", '"up"'],
      [event("node: zz, action: kill"), "node-unknown", "/timeline/0/node"],
      ...["kill", "stop", "start", "restart", "resume"].map((action): Refusal => [
        event(`node: a, action: ${action}, for: 3s`),
        "for-senseless",
        "/timeline/0/for",
        action,
      ]),
      [event("node: a, action: pause, for: 24h"), "too-late", "/timeline/0/for", "24 hours"],
      [
        claim("tcp: { from: zz, to: b, port: 80 }, expect: always, until: 5s"),
        "node-unknown",
        "/assertions/0/tcp/from",
      ],
      [
        claim("tcp: { from: a, to: c, port: 80 }, expect: always, until: 5s"),
        "never-reachable",
        "/assertions/0/tcp/to",
        "share no link",
      ],
      [
        claim("http: { from: a, to: c, port: 80 }, expect: eventually, until: 5s"),
        "never-reachable",
        "/assertions/0/http/to",
      ],
      [claim(`${probe}, expect: always, from: 5s, until: 5s`), "window-empty", "/assertions/0/until", "later"],
      [
        claim(`${probe}, expect: always, until: 5s }\n  - { name: x, ${probe}, expect: never, until: 5s`),
        "assertion-twice",
        "/assertions/1/name",
      ],
    ]),
  )("for what its names mean: $rule at $pointer", ({ text, rule, pointer, words }) => {
    expectOnly(text, rule, pointer, words);
  });

  it("for no probe between nodes without a link that shall never be answered", () => {
    expect(findingsOf(claim("tcp: { from: a, to: c, port: 80 }, expect: never, until: 5s"))).toEqual([]);
  });

  it("for nothing that is only odd, which it warns of", () => {
    const text = lab({ links: "links:\n  ab: { nodes: [a, b], jitter: 5ms }" });
    expect(readTopology(text, host)).toMatchObject({
      kind: "read",
      findings: [
        { rule: "topology/node-alone", severity: "warning", line: 5, column: 3, pointer: "/nodes/c" },
        { rule: "topology/jitter-exceeds-delay", severity: "warning", line: 7, pointer: "/links/ab/jitter" },
      ],
    });
  });

  it("with findings in the text's order, the first hundred of them", () => {
    const many = Array.from({ length: 150 }, (_, index) => `  n${index}: { image: none }`).join("\n");
    const findings = findingsOf(`name: lab\nnodes:\n${many}\n`);
    expect(findings).toHaveLength(101);
    expect(findings.slice(0, 100).map(({ line }) => line)).toEqual(
      Array.from({ length: 100 }, (_, index) => 3 + Math.floor(index / 2)),
    );
    expect(findings.slice(0, 4).map(({ rule }) => rule.slice("topology/".length))).toEqual([
      ...["node-alone", "image-unknown", "node-alone", "image-unknown"],
    ]);
    expect(findings[100]).toMatchObject({
      rule: "topology/more",
      severity: "info",
      line: 53,
      reason: "From here on there are 200 more, 100 of them errors.",
    });
  });

  it("without repeating characters that hide or reorder others", () => {
    const reasons = findingsOf('name: x\n"a\\u202eb": 1\n"\\u001b[2J": 1\n').map(({ reason }) => reason);
    expect(reasons.join("")).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });

  it.each([
    ["of 10,000 nodes, a line each", (count: number) => `  n${count}: { image: toolbox }`],
    ["of 10,000 nodes, short ones", (count: number) => `  n${count}: {}`],
    ["of 10,000 nodes, long ones", (count: number) => `  node-${count}:\n    image: toolbox\n    environment:`],
  ])("quickly %s", (_, lineOf) => {
    const text = `name: huge\nnodes:\n${Array.from({ length: 10_000 }, (_none, index) => lineOf(index)).join("\n")}\n`;
    const { milliseconds, heapBytes } = workOf(() => {
      const findings = findingsOf(text);
      expect(findings).toMatchObject([{ rule: "topology/too-many" }]);
      expect(findings[0]?.reason).toContain("at most 200 nodes");
    });
    expect(milliseconds).toBeLessThan(1_000);
    expect(heapBytes).toBeLessThan(150_000_000);
  });

  it("quickly of thousands of things that are wrong", () => {
    const names = Array.from({ length: 200 }, (_, index) => `node-with-a-long-name-${index}`);
    const wrong = Array.from({ length: 29 }, (_, index) => `nodes-with-the-wrong-name-${index}`).join(", ");
    const links = Array.from({ length: 100 }, (_, index) => `  l${index}: { nodes: [${wrong}] }`).join("\n");
    const text = `name: lab\nnodes: { ${names.map((name) => `${name}: { image: toolbox }`).join(", ")} }\nlinks:\n${links}\n`;
    const { milliseconds } = workOf(() => expect(findingsOf(text)).toHaveLength(101));
    expect(milliseconds).toBeLessThan(2_000);
  });
});
