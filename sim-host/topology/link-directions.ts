import type { Impairment, LinkDirection, TopologyLink } from "./topology.ts";

/** Nothing of something is none of it. */
const withoutNothing = (impairment: Impairment): Impairment =>
  Object.fromEntries(Object.entries({ ...impairment }).filter(([, value]) => value !== 0));

/**
 * What frames meet in each direction of a link in which they meet something, in the order of its nodes. What a direction
 * says of its own counts more than what the link says; what it does not mention is as on the link.
 */
export const directionsOf = ({ nodes, impairment, directions }: TopologyLink): readonly LinkDirection[] => {
  const own = new Map(directions.map((direction) => [`${direction.from} ${direction.to}`, direction.impairment]));
  return nodes.flatMap((from) =>
    nodes
      .filter((to) => to !== from)
      .map((to) => ({ from, to, impairment: withoutNothing({ ...impairment, ...own.get(`${from} ${to}`) }) }))
      .filter((direction) => Object.keys(direction.impairment).length > 0),
  );
};
