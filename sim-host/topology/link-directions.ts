import type { LinkDirection, TopologyLink } from "./topology.ts";

/**
 * What is true of each direction of a link in which something is impaired. A direction that is named says all that is true
 * of it, nothing included; in the others the link's own impairment holds.
 */
export const directionsOf = ({ nodes, impairment, directions }: TopologyLink): readonly LinkDirection[] => {
  const named = new Map(directions.map((direction) => [`${direction.from} ${direction.to}`, direction.impairment]));
  return nodes.flatMap((from) =>
    nodes
      .filter((to) => to !== from)
      .map((to) => ({ from, to, impairment: named.get(`${from} ${to}`) ?? impairment }))
      .filter((direction) => Object.keys(direction.impairment).length > 0),
  );
};
