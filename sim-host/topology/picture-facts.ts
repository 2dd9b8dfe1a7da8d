import { impairmentText } from "./impairment-text.ts";
import { directionsOf } from "./link-directions.ts";
import type { LinkDirection, Topology } from "./topology.ts";

type NodeState = "absent" | "created" | "running" | "paused" | "exited";

/** How things are now; a `Simulation` is one. What it does not name is shown as the topology has it. */
export interface LiveState {
  readonly nodes: readonly {
    readonly name: string;
    readonly state: NodeState;
    readonly health?: "starting" | "healthy" | "unhealthy";
    readonly exitCode?: number;
    readonly isOutOfMemory?: boolean;
  }[];
  readonly links: readonly {
    readonly name: string;
    readonly isDown: boolean;
    /** All directions with an impairment. */
    readonly directions: readonly LinkDirection[];
    readonly addresses: Readonly<Record<string, string>>;
  }[];
}

export interface Pictured {
  readonly topology: Topology;
  readonly live?: LiveState;
}

export interface NodeFacts {
  readonly name: string;
  readonly image: string;
  readonly state?: { readonly kind: NodeState | "unhealthy"; readonly words: string };
  /** As in `front 10.111.0.2`; only known of what is live. */
  readonly addresses: readonly string[];
}

export interface LinkFacts {
  readonly name: string;
  readonly nodes: readonly string[];
  readonly isDown: boolean;
  /** What is impaired, a line each. */
  readonly lines: readonly string[];
}

/** What every picture of a topology says, whatever it is drawn with. */
export interface PictureFacts {
  readonly name: string;
  readonly nodes: readonly NodeFacts[];
  readonly links: readonly LinkFacts[];
}

const linesMax = 5;

/** All directions in one line when they are alike; otherwise what is special, then what holds for most. */
const directionLines = (nodes: readonly string[], impaired: readonly LinkDirection[]): readonly string[] => {
  const texts = new Map(impaired.map(({ from, to, impairment }) => [`${from} ${to}`, impairmentText(impairment)]));
  const pairs = nodes.flatMap((from) => nodes.filter((to) => to !== from).map((to) => ({ from, to })));
  const textOf = (from: string, to: string): string => texts.get(`${from} ${to}`) ?? "";
  const counts = new Map<string, number>();
  for (const { from, to } of pairs) counts.set(textOf(from, to), (counts.get(textOf(from, to)) ?? 0) + 1);
  const usual = [...counts].find(([, count]) => count * 2 > pairs.length)?.[0];
  const special = pairs.flatMap(({ from, to }) => {
    const text = textOf(from, to);
    if (text === usual) return [];
    const isTwoWay = textOf(to, from) === text;
    if (isTwoWay && nodes.indexOf(from) > nodes.indexOf(to)) return [];
    return [`${from} ${isTwoWay ? "↔" : "→"} ${to}: ${text === "" ? "unimpaired" : text}`];
  });
  const named = usual === undefined ? special.filter((line) => !line.endsWith(": unimpaired")) : special;
  const shown = named.length > linesMax ? named.slice(0, linesMax - 1) : named;
  const rest = named.length - shown.length;
  return [
    ...shown,
    ...(rest > 0 ? [`and ${rest} more directions`] : []),
    ...(usual === undefined || usual === "" ? [] : [named.length === 0 ? usual : `otherwise: ${usual}`]),
  ];
};

const stateOf = ({ state, health, exitCode, isOutOfMemory }: LiveState["nodes"][number]): NodeFacts["state"] => {
  if (state === "running" && health === "unhealthy") return { kind: "unhealthy", words: "running, unhealthy" };
  if (state === "running" && health !== undefined) return { kind: "running", words: `running, ${health}` };
  if (state !== "exited") return { kind: state, words: state };
  if (isOutOfMemory === true) return { kind: "exited", words: "exited, out of memory" };
  return { kind: "exited", words: exitCode === undefined ? "exited" : `exited with ${exitCode}` };
};

/** The facts of a picture, in the file's order. */
export const pictureFacts = ({ topology, live }: Pictured): PictureFacts => {
  const liveNodes = new Map(live?.nodes.map((node) => [node.name, node]));
  const liveLinks = new Map(live?.links.map((link) => [link.name, link]));
  const addressOf = (link: string, node: string): readonly string[] => {
    const addresses = liveLinks.get(link)?.addresses ?? {};
    return Object.hasOwn(addresses, node) ? [`${link} ${addresses[node] ?? ""}`] : [];
  };
  return {
    name: topology.name,
    nodes: topology.nodes.map(({ name, image }) => {
      const now = liveNodes.get(name);
      const addresses = topology.links.flatMap((link) => (link.nodes.includes(name) ? addressOf(link.name, name) : []));
      const state = now === undefined ? undefined : stateOf(now);
      return { name, image, addresses, ...(state === undefined ? {} : { state }) };
    }),
    links: topology.links.map((link) => {
      const now = liveLinks.get(link.name);
      const lines = directionLines(link.nodes, now?.directions ?? directionsOf(link));
      return { name: link.name, nodes: link.nodes, isDown: now?.isDown ?? false, lines };
    }),
  };
};
