import { DomainError } from "../../shared/kernel/errors.ts";
import type { DockerId } from "../engine/ports.ts";
import type { Simulation, SimulationLink, SimulationNode } from "../simulations/simulation.ts";

/** @throws DomainError `not-found` */
export const nodeOf = ({ nodes }: Simulation, name: string): SimulationNode => {
  const node = nodes.find((candidate) => candidate.name === name);
  if (node !== undefined) return node;
  throw new DomainError("not-found", "The simulation has no node of this name.");
};

/** @throws DomainError `not-found` */
export const linkOf = ({ links }: Simulation, name: string): SimulationLink => {
  const link = links.find((candidate) => candidate.name === name);
  if (link !== undefined) return link;
  throw new DomainError("not-found", "The simulation has no link of this name.");
};

/** The container of a node, running or not. @throws DomainError `not-found`, `simulation-state` */
export const containerOf = (simulation: Simulation, name: string): DockerId => {
  const { containerId } = nodeOf(simulation, name);
  if (containerId !== undefined) return containerId;
  throw new DomainError("simulation-state", `${name} is not there: the simulation is ${simulation.status}.`);
};

/** The container of a node that runs. @throws DomainError `not-found`, `simulation-state` */
export const runningContainerOf = (simulation: Simulation, name: string): DockerId => {
  const { state } = nodeOf(simulation, name);
  if (state === "running") return containerOf(simulation, name);
  throw new DomainError("simulation-state", `${name} does not run: it is ${state}.`);
};
