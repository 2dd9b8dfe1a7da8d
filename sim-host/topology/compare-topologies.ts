import { directionsOf } from "./link-directions.ts";
import type { Topology, TopologyLink, TopologyNode } from "./topology.ts";

/** Why a node must be made anew: a container's options and addresses are what it was made with. */
export type NodePart = "image" | "command" | "environment" | "limits" | "healthcheck" | "links";

export interface TopologyChanges {
  readonly nodes: {
    readonly added: readonly string[];
    readonly removed: readonly string[];
    readonly remade: readonly { readonly name: string; readonly because: readonly NodePart[] }[];
  };
  readonly links: {
    readonly added: readonly string[];
    readonly removed: readonly string[];
    /** Other nodes, or the same in another order, which gives them other addresses. The network itself stays. */
    readonly rewired: readonly string[];
    /** Other impairments; applied while it runs. A rewired link may be here too. */
    readonly impaired: readonly string[];
  };
  readonly isRenamed: boolean;
  /** Every impaired direction draws anew. */
  readonly isSeedChanged: boolean;
  /** Of concern for the next run only. */
  readonly isTimelineChanged: boolean;
  readonly areAssertionsChanged: boolean;
}

/** Plain data is the same when it says the same (no member of it is undefined); the order of a mapping's members says nothing. */
const isSame = (left: unknown, right: unknown): boolean => {
  if (left === right) return true;
  if (typeof left !== "object" || typeof right !== "object" || left === null || right === null) return false;
  if (Array.isArray(left) !== Array.isArray(right)) return false;
  const [entries, others] = [Object.entries(left), new Map(Object.entries(right))];
  return entries.length === others.size && entries.every(([key, value]) => isSame(value, others.get(key)));
};

/** Where a node is: its place on each of its links, in the order in which its interfaces are made. */
const placesOf = ({ links }: Topology): ReadonlyMap<string, readonly string[]> => {
  const places = new Map<string, string[]>();
  for (const link of links) {
    for (const [index, node] of link.nodes.entries()) {
      const ofNode = places.get(node) ?? [];
      places.set(node, [...ofNode, `${link.name} ${index}`]);
    }
  }
  return places;
};

const namesOf = (things: readonly { readonly name: string }[]): ReadonlySet<string> =>
  new Set(things.map(({ name }) => name));

const beside = (things: readonly { readonly name: string }[], others: readonly { readonly name: string }[]) => {
  const known = namesOf(others);
  return things.map(({ name }) => name).filter((name) => !known.has(name));
};

/** Pairs of what has the same name on both sides, in the order of the second. */
const both = <T extends { readonly name: string }>(before: readonly T[], after: readonly T[]) => {
  const known = new Map(before.map((thing) => [thing.name, thing]));
  return after.flatMap((thing) => {
    const old = known.get(thing.name);
    return old === undefined ? [] : [{ name: thing.name, old, now: thing }];
  });
};

const nodeParts = [
  "image",
  "command",
  "environment",
  "limits",
  "healthcheck",
] as const satisfies (keyof TopologyNode)[];

const remadeNodes = (before: Topology, after: Topology): TopologyChanges["nodes"]["remade"] => {
  const [placesBefore, placesAfter] = [placesOf(before), placesOf(after)];
  return both(before.nodes, after.nodes).flatMap(({ name, old, now }) => {
    const isMoved = !isSame(placesBefore.get(name), placesAfter.get(name));
    const parts = nodeParts.filter((part) => !isSame(old[part], now[part]));
    const because: readonly NodePart[] = isMoved ? [...parts, "links"] : parts;
    return because.length === 0 ? [] : [{ name, because }];
  });
};

/** What frames meet, however it is written. */
const effects = (link: TopologyLink): unknown =>
  Object.fromEntries(directionsOf(link).map(({ from, to, impairment }) => [`${from} ${to}`, impairment]));

/**
 * What another version of a topology changes, for the reconciler and for people. Nothing when they mean the same; what is
 * not named here may stay as it is.
 */
export const compareTopologies = (before: Topology, after: Topology): TopologyChanges => {
  const links = both(before.links, after.links);
  const changed = (isChanged: (old: TopologyLink, now: TopologyLink) => boolean): readonly string[] =>
    links.filter(({ old, now }) => isChanged(old, now)).map(({ name }) => name);
  return {
    nodes: {
      added: beside(after.nodes, before.nodes),
      removed: beside(before.nodes, after.nodes),
      remade: remadeNodes(before, after),
    },
    links: {
      added: beside(after.links, before.links),
      removed: beside(before.links, after.links),
      rewired: changed((old, now) => !isSame(old.nodes, now.nodes)),
      impaired: changed((old, now) => !isSame(effects(old), effects(now))),
    },
    isRenamed: before.name !== after.name,
    isSeedChanged: before.seed !== after.seed,
    isTimelineChanged: !isSame(before.timeline, after.timeline),
    areAssertionsChanged: !isSame(before.assertions, after.assertions),
  };
};

/** Whether there is something to do or to keep. */
export const hasChanges = (changes: TopologyChanges): boolean => {
  const lists = [changes.nodes, changes.links].flatMap((part) => Object.values(part));
  const { isRenamed, isSeedChanged, isTimelineChanged, areAssertionsChanged } = changes;
  const others = [isRenamed, isSeedChanged, isTimelineChanged, areAssertionsChanged];
  return lists.some(({ length }) => length > 0) || others.includes(true);
};
