import type { Topology, TopologyLink, TopologyNode } from "../topology/topology.ts";
import { directionsOf, withTopology } from "./first-record.ts";
import type { TopologyRules } from "./ports.ts";
import type { PlannedStep } from "./services.ts";
import type { Simulation } from "./simulation.ts";

const isSame = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

const linksOf = ({ links }: Topology, node: string): readonly (readonly string[])[] =>
  links.filter(({ nodes }) => nodes.includes(node)).map(({ name, nodes }) => [name, ...nodes]);

const nodeSteps = (before: Topology, after: Topology): readonly PlannedStep[] => {
  const madeAnew = (node: TopologyNode): boolean => {
    const old = before.nodes.find(({ name }) => name === node.name);
    return old !== undefined && !(isSame(old, node) && isSame(linksOf(before, node.name), linksOf(after, node.name)));
  };
  const isNew = ({ name }: TopologyNode): boolean => !before.nodes.some((node) => node.name === name);
  const isGone = ({ name }: TopologyNode): boolean => !after.nodes.some((node) => node.name === name);
  return [
    ...before.nodes.filter(isGone).map(({ name }) => ({ action: "remove-node", subject: name })),
    ...after.nodes.filter(madeAnew).map(({ name }) => ({ action: "make-node-anew", subject: name })),
    ...after.nodes.filter(isNew).map(({ name }) => ({ action: "make-node", subject: name })),
  ];
};

const linkStep = (before: Topology, link: TopologyLink): readonly PlannedStep[] => {
  const old = before.links.find(({ name }) => name === link.name);
  if (old === undefined) return [{ action: "lay-link", subject: link.name }];
  if (!isSame(old.nodes, link.nodes)) return [{ action: "lay-link-anew", subject: link.name }];
  return isSame(directionsOf(old), directionsOf(link)) ? [] : [{ action: "change-impairments", subject: link.name }];
};

/** What another file would do to a simulation, in words for people and machines; nothing for the same file. */
export const planChange = (simulation: Simulation, rules: TopologyRules, source: string): readonly PlannedStep[] => {
  const read = rules.read(source);
  if (read.kind === "invalid") return [];
  const before = simulation.topology;
  const after = withTopology(simulation, source, read.topology).topology;
  const gone = before.links.filter(({ name }) => !after.links.some((link) => link.name === name));
  const isOtherwise = !isSame(
    [before.timeline, before.assertions, before.seed],
    [after.timeline, after.assertions, after.seed],
  );
  return [
    ...nodeSteps(before, after),
    ...gone.map(({ name }) => ({ action: "remove-link", subject: name })),
    ...after.links.flatMap((link) => linkStep(before, link)),
    ...(isOtherwise ? [{ action: "change-timeline", subject: after.name }] : []),
  ];
};
