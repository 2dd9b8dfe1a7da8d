import { directionsOf } from "../topology/link-directions.ts";
import type { Topology, TopologyLink } from "../topology/topology.ts";
import { addressesOf } from "./addresses.ts";
import type { Simulation, SimulationLink, SimulationNode } from "./simulation.ts";

const newNode = (name: string): SimulationNode => ({
  ...{ name, wanted: "running", startsWanted: 1, startsDone: 0, state: "absent" },
});

const newLink = (link: TopologyLink): SimulationLink => ({
  ...{ name: link.name, isDown: false, directions: directionsOf(link), addresses: {} },
});

export const newNodes = (topology: Topology): readonly SimulationNode[] =>
  topology.nodes.map(({ name }) => newNode(name));
export const newLinks = (topology: Topology): readonly SimulationLink[] => topology.links.map(newLink);

const isSame = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

/** A link keeps its network; nodes whose place on it changes get other addresses, and are made anew for that. */
const changedLink = (
  present: SimulationLink | undefined,
  before: TopologyLink | undefined,
  after: TopologyLink,
): SimulationLink => {
  if (present === undefined || before === undefined) return newLink(after);
  const isOtherwise = !isSame(directionsOf(before), directionsOf(after)) || !isSame(before.nodes, after.nodes);
  const directions = isOtherwise ? directionsOf(after) : present.directions;
  const addresses = present.subnet === undefined ? {} : addressesOf(present.subnet, after.nodes);
  return { ...present, directions, addresses };
};

/** The record with another topology: what stays the same keeps its container and network. */
export const withTopology = (simulation: Simulation, source: string, topology: Topology): Simulation => ({
  ...simulation,
  source,
  topology,
  nodes: topology.nodes.map(({ name }) => simulation.nodes.find((node) => node.name === name) ?? newNode(name)),
  links: topology.links.map((link) =>
    changedLink(
      simulation.links.find(({ name }) => name === link.name),
      simulation.topology.links.find(({ name }) => name === link.name),
      link,
    ),
  ),
});
