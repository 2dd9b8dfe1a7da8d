import { assert, constantFrom, property } from "fast-check";
import { describe, expect, it } from "vitest";
import { writtenTopology } from "./fixtures/arbitrary-topology.ts";
import { impairmentText } from "./impairment-text.ts";
import { directionsOf } from "./link-directions.ts";
import { pictureDot } from "./picture-dot.ts";
import type { LiveState } from "./picture-facts.ts";
import { pictureFacts } from "./picture-facts.ts";
import { pictureMermaid } from "./picture-mermaid.ts";
import { pictureSvg } from "./picture-svg.ts";
import { svg } from "./svg-markup.ts";
import type { Topology, TopologyLink, TopologyNode } from "./topology.ts";

const node = (name: string): TopologyNode => ({
  ...{ name, image: "toolbox", environment: {} },
  limits: { memoryMegabytes: 64, cpus: 0.25, pidsMax: 64 },
});
const link = (name: string, nodes: readonly string[], changed: Partial<TopologyLink> = {}): TopologyLink => ({
  ...{ name, nodes, impairment: {}, directions: [] },
  ...changed,
});
const lab: Topology = {
  ...{ name: "Lab", seed: 1, timeline: [], assertions: [] },
  nodes: [node("web"), node("db"), node("client")],
  links: [
    link("front", ["client", "web"], { impairment: { delayMilliseconds: 10, jitterMilliseconds: 2, lossPercent: 1 } }),
    link("lan", ["web", "db", "client"], { directions: [{ from: "web", to: "db", impairment: { lossPercent: 5 } }] }),
  ],
};
const live: LiveState = {
  nodes: [
    { name: "web", state: "running", health: "unhealthy" },
    { name: "db", state: "exited", exitCode: 137, isOutOfMemory: true },
    { name: "client", state: "paused" },
  ],
  links: [
    { name: "front", isDown: true, directions: [], addresses: { client: "10.0.0.2", web: "10.0.0.3" } },
    {
      ...{ name: "lan", isDown: false, addresses: {} },
      directions: [{ from: "db", to: "web", impairment: { rateBitsPerSecond: 512_000 } }],
    },
  ],
};
const linesOf = (only: TopologyLink): readonly string[] => {
  const topology = { ...lab, nodes: only.nodes.map(node), links: [only] };
  return pictureFacts({ topology }).links[0]?.lines ?? [];
};

/** Opened and closed in order, with nothing that is not escaped: what a parser of XML asks for. */
const expectWellFormed = (text: string): void => {
  const open: string[] = [];
  const rest = text.replace(/<\/?[a-zA-Z]+(?: [a-zA-Z-]+="[^"<]*")*\/?>/g, (tag) => {
    const name = /[a-zA-Z]+/.exec(tag)?.[0] ?? "";
    if (tag.startsWith("</")) expect(open.pop()).toBe(name);
    else if (!tag.endsWith("/>")) open.push(name);
    return "";
  });
  expect(open).toEqual([]);
  expect(text).not.toMatch(/[\p{Cc}\ufffe\uffff](?<!\n)/u);
  expect(rest).not.toMatch(/[<>]|&(?!amp;|lt;|gt;|quot;|#39;)/);
};

describe("pictures of topologies", () => {
  it("have words for impairments", () => {
    expect(impairmentText({})).toBe("");
    const all = { delayMilliseconds: 1_500, jitterMilliseconds: 0.25, lossPercent: 0.1, rateBitsPerSecond: 2.5e9 };
    expect(impairmentText({ ...all, corruptionPercent: 3 })).toBe(
      "1.5 s ± 0.25 ms, 0.1 % lost, 2.5 Gbit/s, 3 % corrupted",
    );
    expect(impairmentText({ jitterMilliseconds: 2 })).toBe("0 ms ± 2 ms");
    expect([10_000_000, 9_600, 800].map((rate) => impairmentText({ rateBitsPerSecond: rate }))).toEqual([
      ...["10 Mbit/s", "9.6 kbit/s", "800 bit/s"],
    ]);
  });

  it("know what is true of each direction", () => {
    const slow = { delayMilliseconds: 5 };
    const directions = [
      { from: "a", to: "b", impairment: { delayMilliseconds: 0 } },
      { from: "c", to: "a", impairment: { lossPercent: 1 } },
    ];
    const found = directionsOf(link("l", ["a", "b", "c"], { impairment: slow, directions }));
    expect(found.map(({ from, to, impairment }) => `${from}${to} ${impairmentText(impairment)}`)).toEqual([
      ...["ac 5 ms", "ba 5 ms", "bc 5 ms", "ca 5 ms, 1 % lost", "cb 5 ms"],
    ]);
    assert(
      property(writtenTopology, ({ read }) => {
        for (const each of read.links) {
          const all = directionsOf(each);
          expect(new Set(all.map(({ from, to }) => `${from} ${to}`)).size).toBe(all.length);
          for (const { from, to, impairment } of each.directions) {
            const own = all.find((direction) => direction.from === from && direction.to === to);
            const { lossPercent = each.impairment.lossPercent ?? 0 } = impairment;
            expect(own?.impairment.lossPercent ?? 0).toBe(lossPercent);
            expect(Object.values(own?.impairment ?? {})).not.toContain(0);
          }
        }
      }),
      { numRuns: 30 },
    );
  });

  it("say once what is true of all directions, and apart what is special", () => {
    const slow = { delayMilliseconds: 5 };
    const lossy = { delayMilliseconds: 0, lossPercent: 1 };
    expect(linesOf(link("l", ["a", "b"], { impairment: slow }))).toEqual(["5 ms"]);
    expect(linesOf(link("l", ["a", "b"], { directions: [{ from: "b", to: "a", impairment: slow }] }))).toEqual([
      "b → a: 5 ms",
    ]);
    const both = [
      { from: "b", to: "a", impairment: lossy },
      { from: "a", to: "b", impairment: lossy },
    ];
    expect(linesOf(link("l", ["a", "b", "c"], { impairment: slow, directions: both }))).toEqual([
      ...["a ↔ b: 1 % lost", "otherwise: 5 ms"],
    ]);
    expect(linesOf(link("l", ["a", "b", "c"], { directions: both.slice(1) }))).toEqual(["a → b: 1 % lost"]);
    const cleared = [{ from: "a", to: "b", impairment: { delayMilliseconds: 0 } }];
    expect(linesOf(link("l", ["a", "b", "c"], { impairment: slow, directions: cleared }))).toEqual([
      ...["a → b: unimpaired", "otherwise: 5 ms"],
    ]);
    const many = Array.from({ length: 28 }, (_, index) => `n${index}`);
    const each = many.slice(1).map((to, index) => ({ from: "n0", to, impairment: { delayMilliseconds: index + 1 } }));
    expect(linesOf(link("l", many, { directions: each }))).toHaveLength(5);
  });

  it("show what is live in place of what is written", () => {
    const { nodes, links } = pictureFacts({ topology: lab, live });
    expect(nodes.map(({ state }) => state?.words)).toEqual(["running, unhealthy", "exited, out of memory", "paused"]);
    expect(nodes[0]?.addresses).toEqual(["front 10.0.0.3"]);
    expect(links).toMatchObject([
      { isDown: true, lines: [] },
      { isDown: false, lines: ["db → web: 512 kbit/s"] },
    ]);
  });

  it("are an SVG with name, description and all words, and without scripts", () => {
    const text = pictureSvg({ topology: lab, live }, { idPrefix: "lab" });
    expectWellFormed(text);
    expect(text).toContain('role="img" aria-labelledby="lab-title lab-description"');
    expect(text).toContain('<title id="lab-title">Lab</title>');
    expect(text).toContain("web is a node of toolbox, running, unhealthy, front 10.0.0.3.");
    expect(text).toContain("front links client and web; down.");
    for (const words of ["paused", "front 10.0.0.2", "db → web: 512 kbit/s", "down"])
      expect(text).toContain(`>${words}`);
    expect(text.match(/data-node="[^"]+"/g)).toEqual(['data-node="web"', 'data-node="db"', 'data-node="client"']);
    expect(text).not.toMatch(/<script|<foreignObject|\son\w+=|href|url\(/i);
  });

  it("escape what stands in quotes and between tags", () => {
    const value = `<a b="c" d='e'>&amp;\u0000`;
    const escaped = "&lt;a b=&quot;c&quot; d=&#39;e&#39;&gt;&amp;amp;\ufffd";
    const inner = svg`<t>${value}</t>`;
    expect(svg`<g a="${value}">${[inner, false, undefined, 7]}</g>`.toString()).toBe(
      `<g a="${escaped}"><t>${escaped}</t>7</g>`,
    );
  });

  it("are a flowchart for Mermaid", () => {
    expect(pictureMermaid({ topology: lab, live })).toBe(`flowchart LR
  accTitle: Lab
  n0["web<br/>toolbox<br/>running, unhealthy<br/>front 10.0.0.3"]:::unhealthy
  n1["db<br/>toolbox<br/>exited, out of memory"]:::exited
  n2["client<br/>toolbox<br/>paused<br/>front 10.0.0.2"]:::paused
  n2 -.-|"front<br/>down"| n0
  l1{{"lan<br/>db → web: 512 kbit#47;s"}}
  n0 --- l1
  n1 --- l1
  n2 --- l1
  classDef running stroke-width:3px
  classDef unhealthy stroke-width:3px,stroke-dasharray:6 3
  classDef paused stroke-dasharray:2 4
  classDef exited stroke-dasharray:1 6
  classDef created stroke-dasharray:4 4
  classDef absent stroke-dasharray:4 8
`);
  });

  it("are a graph for Graphviz", () => {
    expect(pictureDot({ topology: lab })).toBe(`graph simulation {
  graph [label="Lab", labelloc=t, charset="UTF-8", overlap=false];
  node [shape=box, fontname="Helvetica,Arial,sans-serif"];
  edge [fontname="Helvetica,Arial,sans-serif"];
  "node web" [label="web\\ntoolbox", style="rounded"];
  "node db" [label="db\\ntoolbox", style="rounded"];
  "node client" [label="client\\ntoolbox", style="rounded"];
  "node client" -- "node web" [label="front\\n10 ms ± 2 ms, 1 % lost"];
  "link lan" [label="lan\\nweb → db: 5 % lost", shape=hexagon];
  "node web" -- "link lan";
  "node db" -- "link lan";
  "node client" -- "link lan";
}
`);
  });

  it("take names for words, whatever they look like", () => {
    const names = constantFrom(
      ...['"]; click n0 "javascript:alert(1)"', "%%{init: {}}%%", 'a\\N\\"b', "<script>x</script>", "end", "&lt;#35;"],
      ...["`x`", "</title><g onload=x>", "漢字 😀", "---", "\u0001\ufffe", "]]>"],
    );
    assert(
      property(writtenTopology, names, ({ read }, name) => {
        const topology = { ...read, name };
        expectWellFormed(pictureSvg({ topology }));
        const [, title = ""] = pictureMermaid({ topology }).split("\n");
        expect(title.slice("  accTitle: ".length)).not.toMatch(/["'`<>&;%\\[\]{}](?<!#\d+;)/);
        const [, graph = ""] = pictureDot({ topology }).split("\n");
        expect(graph).toMatch(/^ {2}graph \[label="(?:[^"\\]|\\["\\])*", labelloc=t/);
      }),
      { numRuns: 60 },
    );
  });
});
