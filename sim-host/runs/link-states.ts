import { directionsOf } from "../topology/link-directions.ts";
import type { Impairment, LinkDirection, TimelineEvent, Topology, TopologyLink } from "../topology/topology.ts";

type LinkEvent = Extract<TimelineEvent, { readonly link: string }>;

/** What a link shall be like at one moment of a run. */
export interface LinkState {
  readonly name: string;
  readonly isDown: boolean;
  /** All directions with an impairment, in the order of the link's nodes. */
  readonly directions: readonly LinkDirection[];
}

export const isLinkEvent = (event: TimelineEvent): event is LinkEvent => event.kind !== "node";

/** From its moment on, and until its time is over: what has none lasts to the end of the run. */
export const isActive = ({ atSeconds, forSeconds }: TimelineEvent, seconds: number): boolean =>
  atSeconds <= seconds && (forSeconds === undefined || seconds < atSeconds + forSeconds);

const concerns = (event: Extract<LinkEvent, { readonly kind: "impair" }>, from: string, to: string): boolean =>
  (event.from ?? from) === from && (event.to ?? to) === to;

/** Nothing of something is none of it. */
const withoutNothing = (impairment: Impairment): Impairment =>
  Object.fromEntries(Object.entries({ ...impairment }).filter(([, value]) => value !== 0));

const stateOf = (link: TopologyLink, active: readonly LinkEvent[]): LinkState => {
  const own = directionsOf(link);
  const switches = active.flatMap((event) => (event.kind === "link" ? [event.state] : []));
  const faults = active.flatMap((event) => (event.kind === "impair" ? [event] : []));
  const directions = link.nodes
    .flatMap((from) => link.nodes.filter((to) => to !== from).map((to) => ({ from, to })))
    .map(({ from, to }): LinkDirection => {
      const base = own.find((direction) => direction.from === from && direction.to === to)?.impairment ?? {};
      const met = faults.filter((event) => concerns(event, from, to)).map(({ impairment }) => impairment);
      const sum = met.reduce((present, impairment) => ({ ...present, ...impairment }), base);
      return { from, to, impairment: withoutNothing(sum) };
    })
    .filter(({ impairment }) => Object.keys(impairment).length > 0);
  return { name: link.name, isDown: switches.at(-1) === "down", directions };
};

/** Events of the timeline in the order in which they happen; those of the same moment in the file's order. */
export const inOrder = (timeline: readonly TimelineEvent[]): readonly TimelineEvent[] =>
  [...timeline].sort((one, other) => one.atSeconds - other.atSeconds);

/**
 * What every link shall be like so many seconds after the start: the topology's own state and, on top of it, the faults that
 * are active then, later ones over earlier ones. So the end of one fault leaves what the others still want. Where two say
 * something of the same member (two losses), the later one counts; different members add up.
 */
export const linkStateAt = (
  { links, timeline }: Pick<Topology, "links" | "timeline">,
  seconds: number,
): readonly LinkState[] => {
  const active = inOrder(timeline)
    .filter(isLinkEvent)
    .filter((event) => isActive(event, seconds));
  return links.map((link) =>
    stateOf(
      link,
      active.filter((event) => event.link === link.name),
    ),
  );
};

/** What every link is like without any fault. */
export const baseLinkStates = ({ links }: Pick<Topology, "links">): readonly LinkState[] =>
  links.map((link) => stateOf(link, []));
