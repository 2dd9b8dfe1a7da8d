import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { Plan } from "../../shared/tenants/plan.ts";
import type { DescribedMember } from "./fixtures/described-members.ts";
import { describedMembers } from "./fixtures/described-members.ts";
import { memory, percentage, rate, seconds } from "./quantities.ts";
import { readTopology } from "./read-topology.ts";
import { simulationLimits } from "./simulation-limits.ts";
import { textBytesMax } from "./text-problem.ts";
import { countsMax } from "./topology-schema.ts";

// docs/simulations.md is what people look members up in: it says of each what the schema says, and its examples are valid.
const page = readFileSync(new URL("../../docs/simulations.md", import.meta.url), "utf8");
const host = { images: ["toolbox"] };

const cellsOf = (line: string): readonly string[] =>
  line
    .split(/(?<!\\)\|/)
    .slice(1, -1)
    .map((cell) => cell.trim());
const code = (cell: string): string => cell.replace(/^`|`$/g, "");

interface Table {
  /** As `describedMembers` names them. */
  readonly places: readonly string[];
  /** The members of an impairment are in a table of their own. */
  readonly hasImpairments: boolean;
  readonly rows: readonly (DescribedMember & { readonly example: string; readonly meaning: string })[];
}

const tables: readonly Table[] = [...page.matchAll(/<!-- members of: (.+?) -->\n\n((?:\|.*\n)+)/g)].map(
  ([, named = "", text = ""]) => {
    const [places = "", more] = named.split(", with ");
    const rows = text.trim().split("\n").slice(2).map(cellsOf);
    return {
      places: places === "(the topology)" ? [""] : places.split(" "),
      hasImpairments: more === "impairments",
      rows: rows.map(([member = "", value = "", otherwise = "", example = "", meaning = ""]) => {
        return { member: code(member), value, otherwise, example: code(example), meaning };
      }),
    };
  },
);

const described = describedMembers();
const impairments = described.get("timeline[0].impair")!;
const isImpairment = ({ member }: DescribedMember): boolean => impairments.some((each) => each.member === member);
const wordsOf = ({ member, value, otherwise }: DescribedMember): string => `${member} | ${value} | ${otherwise}`;

describe("the reference of topologies", () => {
  test("has every mapping of the format once", () => {
    expect(tables.flatMap(({ places }) => places).toSorted()).toEqual([...described.keys()].toSorted());
  });

  test.each(tables)("says of the members of $places what the schema says, and invents none", (table) => {
    const all = table.places.flatMap((place) => described.get(place) ?? []);
    const wanted = all.filter((row) => !(table.hasImpairments && isImpairment(row)));
    expect(table.rows.map(wordsOf).toSorted()).toEqual([...new Set(wanted.map(wordsOf))].toSorted());
    if (table.hasImpairments) expect(all.filter(isImpairment).map(wordsOf)).toEqual(impairments.map(wordsOf));
    for (const { meaning } of table.rows) expect(meaning).toMatch(/\w{2}/);
  });

  /** A whole topology around lines of one mapping, so that the real reader sees them. */
  const around: Readonly<Record<string, (lines: string) => string>> = {
    "": (lines) => `${lines}\n${lines.includes("name:") ? "" : "name: lab\n"}${nodesUnless(lines)}`,
    "nodes.*": (lines) => `name: lab\nnodes: { web: { ${withImage(lines)} } }`,
    "nodes.*.limits": (lines) => `name: lab\nnodes: { web: { image: toolbox, limits: { ${lines} } } }`,
    "nodes.*.healthcheck": (lines) =>
      `name: lab\nnodes: { web: { image: toolbox, healthcheck: { ${joined(lines, "command: [pidof, httpd]")} } } }`,
    "links.*": (lines) => lab(`lan: { ${joined(lines, "nodes: [client, web, db]")} }`),
    "links.*.directions": (lines) =>
      lab(`lan: { nodes: [client, web, db], directions: [{ ${joined(lines, "from: client", "to: web")} }] }`),
    "timeline[0].impair": (lines) => played(`at: 1s, link: line, impair: { ${lines} }`),
    "timeline[0]": (lines) => played(joined(lines, "at: 1s", "link: line", "impair: { loss: 1% }")),
    "timeline[1]": (lines) => played(joined(lines, "at: 1s", "link: line", "state: down")),
    "timeline[2]": (lines) => played(joined(lines, "at: 1s", "node: web", "action: pause")),
    "assertions[0]": (lines) => {
      const probe = "tcp: { from: client, to: web, port: 1 }";
      const needed = ["name: it", "expect: never", "until: 60s", ...(lines.startsWith("http") ? [] : [probe])];
      return asserted(joined(lines, ...needed));
    },
    "assertions[0].tcp": (lines) => {
      const probe = joined(lines, "from: client", "to: web", "port: 1");
      return asserted(`name: it, tcp: { ${probe} }, expect: never, until: 9s`);
    },
    "assertions[1].http": (lines) => {
      const probe = joined(lines, "from: client", "to: web", "port: 1");
      return asserted(`name: it, http: { ${probe} }, expect: never, until: 9s`);
    },
  };
  /** The line, and those of the needed ones that say something of another member. */
  const joined = (line: string, ...needed: readonly string[]): string =>
    [line, ...needed.filter((each) => each.split(":")[0] !== line.split(":")[0])].join(", ");
  const withImage = (lines: string): string => joined(lines, "image: toolbox");
  const nodesUnless = (lines: string): string =>
    lines.startsWith("nodes:") ? "" : "nodes: { web: { image: toolbox } }";
  const lab = (links: string): string =>
    `name: lab\nnodes: { client: { image: toolbox }, web: { image: toolbox }, db: { image: toolbox } }\nlinks: { ${links} }`;
  const played = (event: string): string => `${lab("line: { nodes: [client, web, db] }")}\ntimeline: [{ ${event} }]`;
  const asserted = (assertion: string): string =>
    `${lab("line: { nodes: [client, web, db] }")}\nassertions: [{ ${assertion} }]`;

  const examples = tables.flatMap(({ places, rows }) =>
    rows.map(({ member, example }) => ({ place: places[0] ?? "", member, example })),
  );
  test.each(examples)("has an example of $member that is valid: $example", ({ place, member, example }) => {
    expect(example.split(":")[0]).toBe(member);
    const read = readTopology(around[place]!(example), host);
    expect(read.findings.filter(({ severity }) => severity === "error")).toEqual([]);
  });

  const blocks = [...page.matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map(([, text = ""]) => ({ text }));
  test.each(blocks)("has whole examples that the host takes as they are: $text", ({ text }) => {
    expect(readTopology(text, host)).toMatchObject({ kind: "read", findings: [] });
  });
  test("has such examples", () => expect(blocks.length).toBeGreaterThan(2));

  test.each([
    { kind: "time", quantity: seconds },
    { kind: "share", quantity: percentage },
    { kind: "rate", quantity: rate },
    { kind: "memory", quantity: memory },
  ])("has the units of a $kind, with examples of them", ({ kind, quantity: { pattern, valueOf } }) => {
    const [, units = "", examples = ""] = cellsOf(page.split("\n").find((line) => line.startsWith(`| ${kind} `)) ?? "");
    const quoted = (cell: string): readonly string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, word = ""]) => word);
    expect(quoted(units)).toEqual(/\(([^()]+)\)\$$/.exec(pattern.source)?.[1]?.split("|"));
    for (const example of quoted(examples)) expect(valueOf(example), example).toBeGreaterThan(0);
  });

  test("says the bounds of every topology", () => {
    const { nodes, links, timeline, assertions, nodesOfLink } = countsMax;
    const counts = `${nodes} nodes, ${links} links, ${timeline} events, ${assertions} assertions`;
    expect(page).toContain(`${counts}; ${nodesOfLink} nodes on a link; ${textBytesMax / 1000} kB of text.`);
  });

  test.each(Plan.options)("says what the plan %s gives", (plan) => {
    const row = cellsOf(page.split("\n").find((line) => line.startsWith(`| \`${plan}\``)) ?? "");
    const limits = simulationLimits[plan];
    const number = (cell = ""): number => Number(cell.replaceAll(",", "").replace(" MB", ""));
    expect(row.slice(1, 7).map(number)).toEqual([
      ...[limits.simulationsMax, limits.nodesMax, limits.linksMax],
      ...[limits.memoryMegabytesMax, limits.cpusMax, limits.minutesMax],
    ]);
    expect(row[7]).toContain(`, ${limits.capturesBytesMax / 1e6} MB`);
  });
});
