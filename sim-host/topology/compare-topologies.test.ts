import { assert, property, shuffledSubarray, tuple } from "fast-check";
import { describe, expect, it } from "vitest";
import type { TopologyChanges } from "./compare-topologies.ts";
import { compareTopologies, hasChanges } from "./compare-topologies.ts";
import { writtenTopology } from "./fixtures/arbitrary-topology.ts";
import type { Topology, TopologyNode } from "./topology.ts";

const node = (name: string, changed: Partial<TopologyNode> = {}): TopologyNode => ({
  ...{ name, image: "toolbox", environment: {}, limits: { memoryMegabytes: 64, cpus: 0.25, pidsMax: 64 } },
  ...changed,
});
const link = (name: string, ...nodes: string[]) => ({ name, nodes, impairment: {}, directions: [] });
const lab: Topology = {
  ...{ name: "lab", seed: 1, timeline: [], assertions: [] },
  nodes: [node("a"), node("b"), node("c")],
  links: [link("ab", "a", "b"), link("abc", "a", "b", "c")],
};
const compared = (changed: Partial<Topology>) => compareTopologies(lab, { ...lab, ...changed });
const remade = (changed: Partial<Topology>) =>
  compared(changed).nodes.remade.map(({ name, because }) => `${name}: ${because.join(" ")}`);

/** What a reconciler would have in the end: old things that may stay, new ones where the changes say so. */
const applied = (before: Topology, after: Topology, changes: TopologyChanges): Topology => {
  const pick = <T extends { readonly name: string }>(old: readonly T[], now: readonly T[], fresh: readonly string[]) =>
    now.map((thing) => {
      const kept = old.find(({ name }) => name === thing.name);
      if (fresh.includes(thing.name)) return thing;
      if (kept === undefined) throw new Error(`${thing.name} is neither kept nor new`);
      return kept;
    });
  const { nodes, links } = changes;
  return {
    name: changes.isRenamed ? after.name : before.name,
    seed: changes.isSeedChanged ? after.seed : before.seed,
    nodes: pick(before.nodes, after.nodes, [...nodes.added, ...nodes.remade.map(({ name }) => name)]),
    links: pick(before.links, after.links, [...links.added, ...links.rewired, ...links.impaired]),
    timeline: changes.isTimelineChanged ? after.timeline : before.timeline,
    assertions: changes.areAssertionsChanged ? after.assertions : before.assertions,
  };
};

describe("comparing topologies", () => {
  it("finds nothing between a topology and its copy, whatever order its members and directions are in", () => {
    assert(
      property(writtenTopology, ({ read }) => {
        const reversed = {
          ...read,
          nodes: read.nodes.map((each) => ({
            ...each,
            environment: Object.fromEntries(Object.entries(each.environment).reverse()),
          })),
          links: read.links.map((each) => ({ ...each, directions: each.directions.toReversed() })),
        };
        expect(hasChanges(compareTopologies(read, structuredClone(read)))).toBe(false);
        expect(hasChanges(compareTopologies(read, reversed))).toBe(false);
      }),
      { numRuns: 50 },
    );
  });

  it("names all that differs: with the rest kept, the one becomes the other", () => {
    const crossed = tuple(writtenTopology, writtenTopology).chain(([{ read: before }, { read: other }]) =>
      // Of both, so that there are things that stay.
      tuple(shuffledSubarray([...before.nodes]), shuffledSubarray([...before.links])).map(([nodes, links]) => {
        const names = new Set([...nodes, ...links].map(({ name }) => name));
        const fresh = <T extends { readonly name: string }>(things: readonly T[]) =>
          things.filter(({ name }) => !names.has(name));
        return {
          before,
          after: { ...other, nodes: [...nodes, ...fresh(other.nodes)], links: [...links, ...fresh(other.links)] },
        };
      }),
    );
    assert(
      property(crossed, ({ before, after }) => {
        const changes = compareTopologies(before, after);
        const result = applied(before, after, changes);
        expect(hasChanges(compareTopologies(result, after))).toBe(false);
        expect(changes.nodes.removed).toEqual(
          before.nodes.map(({ name }) => name).filter((name) => !after.nodes.some((each) => each.name === name)),
        );
        const back = compareTopologies(after, before);
        expect([back.nodes.added, back.links.added]).toEqual([changes.nodes.removed, changes.links.removed]);
        expect(back.nodes.remade.length).toBe(changes.nodes.remade.length);
      }),
      { numRuns: 100 },
    );
  });

  it.each([
    ["image", { image: "dns" }],
    ["command", { command: ["sleep", "1"] }],
    ["environment", { environment: { A: "x" } }],
    ["limits", { limits: { memoryMegabytes: 65, cpus: 0.25, pidsMax: 64 } }],
    ["healthcheck", { healthcheck: { command: ["x"], intervalSeconds: 5, timeoutSeconds: 2, retries: 3 } }],
  ])("has a node made anew for another %s, and no other one", (part, changed) => {
    expect(remade({ nodes: [node("a"), node("b", changed), node("c")] })).toEqual([`b: ${part}`]);
  });

  it("tells two commands from one word that looks like them", () => {
    const before = { ...lab, nodes: [node("a", { command: ["a", "b"] })] };
    expect(compareTopologies(before, { ...lab, nodes: [node("a", { command: ["a,b"] })] }).nodes.remade).toHaveLength(
      1,
    );
  });

  it("has nodes made anew whose addresses or interfaces change", () => {
    expect(remade({ links: [link("ab", "b", "a"), link("abc", "a", "b", "c")] })).toEqual(["a: links", "b: links"]);
    expect(remade({ links: [link("ab", "a", "b"), link("abc", "a", "c")] })).toEqual(["b: links", "c: links"]);
    expect(remade({ links: [link("abc", "a", "b", "c"), link("ab", "a", "b")] })).toEqual(["a: links", "b: links"]);
    expect(remade({ links: [link("ab", "a", "b", "c"), link("abc", "a", "b", "c")] })).toEqual(["c: links"]);
  });

  it("leaves nodes alone when only impairments, the timeline or the seed change", () => {
    const worse = [{ ...link("ab", "a", "b"), impairment: { lossPercent: 1 } }, link("abc", "a", "b", "c")];
    expect(compared({ links: worse })).toMatchObject({
      nodes: { remade: [] },
      links: { rewired: [], impaired: ["ab"] },
    });
    const written = [
      { ...link("ab", "a", "b"), impairment: { lossPercent: 0 } },
      { ...link("abc", "a", "b", "c"), directions: [{ from: "a", to: "b", impairment: {} }] },
    ];
    expect(hasChanges(compared({ links: written }))).toBe(false);
    const kill = { kind: "node", atSeconds: 1, node: "a", action: "kill" } as const;
    expect(compared({ timeline: [kill], seed: 2, name: "other" })).toEqual({
      nodes: { added: [], removed: [], remade: [] },
      links: { added: [], removed: [], rewired: [], impaired: [] },
      ...{ isRenamed: true, isSeedChanged: true, isTimelineChanged: true, areAssertionsChanged: false },
    });
  });

  it("does not mistake members for those that all objects have", () => {
    const before = { ...lab, nodes: [node("a", { environment: { A: "x" } })] };
    const after = { ...lab, nodes: [node("a", { environment: { toString: "x" } })] };
    expect(compareTopologies(before, after).nodes.remade).toHaveLength(1);
  });
});
