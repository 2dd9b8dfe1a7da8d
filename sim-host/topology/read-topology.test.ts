import { array, assert, constantFrom, integer, property, tuple } from "fast-check";
import { describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { images, writtenTopology } from "./fixtures/arbitrary-topology.ts";
import { readTopology } from "./read-topology.ts";
import type { Topology } from "./topology.ts";

const host = { images };
const read = (text: string): Topology => {
  const outcome = readTopology(text, host);
  if (outcome.kind === "invalid") throw new Error(JSON.stringify(outcome.findings, null, 1));
  return outcome.topology;
};

const lab = `name: Three-tier lab
nodes:
  web: { image: toolbox, environment: { ROLE: web } }
  db:
    image: toolbox
    command: [nc, -lk, -p, "5432"]
  client: { image: toolbox }
links:
  front: { nodes: [client, web], delay: 10ms, jitter: 2ms, loss: 1%, rate: 10mbit, corruption: 0.1% }
  back:
    nodes: [web, db]
    directions: [{ from: web, to: db, delay: 50ms }]
timeline:
  - { at: 5s, link: front, from: client, impair: { loss: 100% }, for: 5s }
  - { at: 12s, link: back, state: down }
  - { at: 18s, node: db, action: kill }
assertions:
  - { name: web answers, http: { from: client, to: web, port: 8080 }, expect: eventually, until: 5s }
  - { name: db is there, tcp: { from: web, to: db, port: 5432 }, expect: always, from: 1s, until: 10s }
`;

describe("reading a topology", () => {
  it("reads YAML with all defaults filled in", () => {
    const { links, timeline, assertions, nodes } = read(lab);
    expect(nodes.map(({ name }) => name)).toEqual(["web", "db", "client"]);
    expect(nodes[1]).toEqual({
      ...{ name: "db", image: "toolbox", command: ["nc", "-lk", "-p", "5432"], environment: {} },
      limits: { memoryMegabytes: 64, cpus: 0.25, pidsMax: 64 },
    });
    expect(links[0]?.impairment).toEqual({
      ...{ delayMilliseconds: 10, jitterMilliseconds: 2, lossPercent: 1 },
      ...{ rateBitsPerSecond: 10_000_000, corruptionPercent: 0.1 },
    });
    expect(links[1]?.directions).toEqual([{ from: "web", to: "db", impairment: { delayMilliseconds: 50 } }]);
    expect(timeline[0]).toEqual({
      ...{ kind: "impair", atSeconds: 5, forSeconds: 5 },
      ...{ link: "front", from: "client", impairment: { lossPercent: 100 } },
    });
    expect(assertions[0]).toEqual({
      name: "web answers",
      probe: { kind: "http", from: "client", to: "web", port: 8080, path: "/", status: 200 },
      ...{ expect: "eventually", fromSeconds: 0, untilSeconds: 5 },
    });
  });

  it("reads every valid topology, as JSON and as YAML, to what its author meant", () => {
    assert(
      property(writtenTopology, constantFrom("json", "indented", "yaml"), ({ written, read: meant }, form) => {
        const text =
          form === "yaml"
            ? stringify(written, { aliasDuplicateObjects: false })
            : JSON.stringify(written, null, form === "json" ? 0 : 2);
        expect(read(text)).toEqual(meant);
      }),
      { numRuns: 120 },
    );
  });

  it("never throws at mutations of valid ones, and says where in the text what is wrong", () => {
    const pieces = constantFrom(
      "",
      " ",
      "\n",
      "\t",
      ":",
      "{",
      "}",
      "[",
      "]",
      "-",
      "&a",
      "*a",
      "!x",
      "0",
      "1e999",
      ".nan",
      "\0",
      "\ufeff",
      '"',
      "'",
      "%",
      "ms",
      "?",
      "#",
      "__proto__",
      "web",
      "~",
    );
    const cut = tuple(integer({ min: 0, max: 2_000 }), integer({ min: 0, max: 5 }), pieces);
    assert(
      property(
        writtenTopology,
        constantFrom(true, false),
        array(cut, { minLength: 1, maxLength: 4 }),
        (topology, isYaml, cuts) => {
          let text = isYaml ? stringify(topology.written) : JSON.stringify(topology.written);
          for (const [at, length, piece] of cuts) {
            const start = at % (text.length + 1);
            text = text.slice(0, start) + piece + text.slice(start + length);
          }
          const outcome = readTopology(text, host);
          if (outcome.kind === "invalid")
            expect(outcome.findings.some(({ severity }) => severity === "error")).toBe(true);
          const lines = text.split("\n");
          for (const { line, column, reason, pointer } of outcome.findings) {
            expect(line).toBeGreaterThanOrEqual(1);
            expect(column).toBeGreaterThanOrEqual(1);
            expect(column).toBeLessThanOrEqual((lines[line - 1] ?? "").length + 1);
            expect(reason).toMatch(/\S/);
            expect(pointer).toMatch(/^(\/.*)?$/s);
          }
        },
      ),
      { numRuns: 200 },
    );
  });
});
