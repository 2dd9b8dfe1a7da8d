import type { ContainerState, DockerId, SeenThings } from "../engine/ports.ts";
import type { Simulation, SimulationNode } from "./simulation.ts";
import { goalOf, isUp } from "./simulation-rules.ts";

export type NodeAction = "start" | "note-start" | "stop" | "pause" | "resume" | "kill";

/** One thing to do. Steps of one plan do not depend on each other. */
export type Step =
  | { readonly kind: "remove-container"; readonly id: DockerId; readonly subject: string }
  | { readonly kind: "remove-network"; readonly id: DockerId; readonly subject: string }
  | { readonly kind: "free-subnet"; readonly subject: string }
  | { readonly kind: "claim-subnets"; readonly subject: string; readonly links: readonly string[] }
  | { readonly kind: "create-network"; readonly subject: string }
  | { readonly kind: "make-node"; readonly subject: string }
  | { readonly kind: NodeAction; readonly subject: string; readonly id: DockerId };

type SeenContainer = SeenThings["containers"][number];

export interface Sight {
  readonly containers: readonly SeenContainer[];
  readonly networks: SeenThings["networks"];
  /** Links that hold a subnet in the ledger. */
  readonly subnets: Readonly<Record<string, string>>;
  /** Digest of what each node would be made from now; absent while one of its links has no network. */
  readonly digests: Readonly<Record<string, string>>;
}

/** A node whose container came out of another wish, or whose link is laid anew, is made anew. */
const isStale = (node: SimulationNode, digests: Sight["digests"]): boolean => node.madeFrom !== digests[node.name];

/** Containers that shall not be: of nobody, of another wish, or of a simulation that shall not run. */
const containersToRemove = (simulation: Simulation, sight: Sight): readonly Step[] =>
  sight.containers.flatMap(({ id, owner }) => {
    const node = simulation.nodes.find(({ containerId }) => containerId === id);
    const isWanted = node !== undefined && goalOf(simulation, node) !== "absent" && !isStale(node, sight.digests);
    return isWanted ? [] : [{ kind: "remove-container" as const, id, subject: owner.part }];
  });

const networksToRemove = (simulation: Simulation, sight: Sight): readonly Step[] =>
  sight.networks.flatMap(({ id, owner, subnet }) => {
    const link = simulation.links.find(({ networkId }) => networkId === id);
    const isWanted = isUp(simulation) && link?.subnet === subnet;
    return isWanted ? [] : [{ kind: "remove-network" as const, id, subject: owner.part }];
  });

/** A subnet is free only when its network was seen to be gone. */
const subnetsToFree = (simulation: Simulation, sight: Sight): readonly Step[] =>
  Object.entries(sight.subnets).flatMap(([name, subnet]) => {
    const isWanted = isUp(simulation) && simulation.links.some((link) => link.name === name);
    const isUsed = sight.networks.some((network) => network.subnet === subnet);
    return isWanted || isUsed ? [] : [{ kind: "free-subnet" as const, subject: name }];
  });

const subnetsToClaim = (simulation: Simulation, { subnets }: Sight): readonly Step[] => {
  const links = simulation.links.filter(({ name, subnet }) => subnet === undefined || subnets[name] !== subnet);
  if (links.length === 0) return [];
  return [{ kind: "claim-subnets", subject: "addresses", links: simulation.links.map(({ name }) => name) }];
};

/** A frozen process takes no signal, so it is thawed first. */
const actionToEnd = (goal: "stopped" | "killed", state: ContainerState): NodeAction | undefined => {
  if (state === "paused") return "resume";
  if (state !== "running") return undefined;
  return goal === "killed" ? "kill" : "stop";
};

const actionToStart = (node: SimulationNode, state: ContainerState): NodeAction => {
  if (state === "paused") return "resume";
  if (state !== "running") return "start";
  // It runs, and nobody wrote that down: whoever started it was killed. Otherwise somebody wants it to start again.
  return node.startsDone === 0 ? "note-start" : "stop";
};

/** What brings a container to where it shall be; undefined when it is there. One that ended by itself is. */
const nodeAction = (simulation: Simulation, node: SimulationNode, state: ContainerState): NodeAction | undefined => {
  const goal = goalOf(simulation, node);
  if (goal === "stopped" || goal === "killed") return actionToEnd(goal, state);
  if (node.startsDone < node.startsWanted || state === "created") return actionToStart(node, state);
  if (goal === "paused" && state === "running") return "pause";
  return goal === "running" && state === "paused" ? "resume" : undefined;
};

const nodesToMove = (simulation: Simulation, { containers }: Sight): readonly Step[] =>
  simulation.nodes.flatMap((node): readonly Step[] => {
    const seen = containers.find(({ id }) => id === node.containerId);
    if (seen === undefined) return [{ kind: "make-node", subject: node.name }];
    const action = nodeAction(simulation, node, seen.state);
    return action === undefined ? [] : [{ kind: action, subject: node.name, id: seen.id }];
  });

/**
 * What to do next to make the engine as the record wants it: the first of the stages below that has anything to do. Asked
 * again after these steps, the answer is the next stage, and at last nothing. Pure: the same record and sight, the same plan.
 */
export const planSteps = (simulation: Simulation, sight: Sight): readonly Step[] => {
  const taking = [containersToRemove, networksToRemove, subnetsToFree];
  const making = [
    subnetsToClaim,
    () =>
      simulation.links
        .filter(({ networkId }) => networkId === undefined)
        .map(({ name }): Step => ({ kind: "create-network", subject: name })),
    nodesToMove,
  ];
  for (const stage of isUp(simulation) ? [...taking, ...making] : taking) {
    const steps = stage(simulation, sight);
    if (steps.length > 0) return steps;
  }
  return [];
};
