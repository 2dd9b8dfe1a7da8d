import type { SeenContainer, SeenThings } from "../engine/ports.ts";
import type { Simulation, SimulationLink, SimulationNode } from "./simulation.ts";

export type NodeSight = SeenThings["containers"][number] & Pick<SeenContainer, "health">;

/** A container that is gone is forgotten, so that another one can be made. */
const syncNode = (node: SimulationNode, containers: readonly NodeSight[]): SimulationNode => {
  const { name, wanted, startsWanted, startsDone, containerId, madeFrom } = node;
  const seen = containers.find(({ id }) => id === containerId);
  if (seen === undefined || containerId === undefined) {
    return { name, wanted, startsWanted, startsDone: 0, state: "absent" };
  }
  const { state, health, exitCode, isOutOfMemory } = seen;
  return {
    ...{ name, wanted, containerId, startsWanted, startsDone, state },
    ...(madeFrom === undefined ? {} : { madeFrom }),
    ...(state === "running" && health !== undefined ? { health } : {}),
    ...(state === "exited" && exitCode !== undefined ? { exitCode } : {}),
    ...(state === "exited" && isOutOfMemory === true ? { isOutOfMemory } : {}),
  };
};

const syncLink = (link: SimulationLink, networks: SeenThings["networks"]): SimulationLink => {
  const { networkId, ...rest } = link;
  return networkId !== undefined && networks.some(({ id }) => id === networkId) ? { ...rest, networkId } : rest;
};

/** The record with what was seen of the engine. The same object when it says so already. */
export const syncSight = (
  simulation: Simulation,
  sight: { readonly containers: readonly NodeSight[]; readonly networks: SeenThings["networks"] },
): Simulation => {
  const nodes = simulation.nodes.map((node) => syncNode(node, sight.containers));
  const links = simulation.links.map((link) => syncLink(link, sight.networks));
  const isSame = JSON.stringify([nodes, links]) === JSON.stringify([simulation.nodes, simulation.links]);
  return isSame ? simulation : { ...simulation, nodes, links };
};
