import { linkText } from "./describe-link.ts";
import type { Simulation, SimulationEvent, SimulationLink, SimulationNode } from "./simulation.ts";

export type NewEvent = Omit<SimulationEvent, "sequence" | "at">;

const nodeText = ({ name, state, health, exitCode, isOutOfMemory }: SimulationNode): string => {
  if (state === "exited" && isOutOfMemory === true) return `${name} ran out of memory and was ended`;
  if (state === "exited") return `${name} ended${exitCode === undefined ? "" : ` with exit code ${exitCode}`}`;
  if (state === "absent") return `${name} was taken away`;
  if (state === "created") return `${name} is made, and not started`;
  if (health === "starting") return `${name} is ${state}, its health not known yet`;
  return `${name} is ${state}${health === undefined ? "" : `, ${health}`}`;
};

const nodeChange = (before: SimulationNode | undefined, after: SimulationNode): readonly NewEvent[] => {
  const { name, state, health, exitCode, isOutOfMemory } = after;
  // How it ended before counts no more once it is up again.
  const hasEndedAlike = state !== "exited" || before?.exitCode === exitCode;
  const isSame = before?.state === state && before.health === health && hasEndedAlike;
  // One that was just asked for has nothing to tell yet.
  if (isSame || (before === undefined && state === "absent")) return [];
  const data = { node: name, state, health: health ?? null, exitCode: exitCode ?? null };
  return [{ kind: "node", data: { ...data, isOutOfMemory: isOutOfMemory ?? false }, text: nodeText(after) }];
};

const linkChange = (
  nodes: readonly string[],
  before: SimulationLink | undefined,
  after: SimulationLink,
): readonly NewEvent[] => {
  const isSame =
    before?.isDown === after.isDown && JSON.stringify(before.directions) === JSON.stringify(after.directions);
  if (before === undefined || isSame) return [];
  const { name, isDown, directions } = after;
  return [{ kind: "link", data: { link: name, isDown, directions }, text: linkText(nodes, before, after) }];
};

const statusChange = (before: Simulation | undefined, after: Simulation): readonly NewEvent[] => {
  if (before?.status === after.status && before.error?.code === after.error?.code) return [];
  const { status, wanted, error } = after;
  const text = error === undefined ? `The simulation is ${status}` : `The simulation is ${status}: ${error.detail}`;
  return [{ kind: "status", data: { status, wanted, error: error ?? null }, text }];
};

/** What people and machines are told of a change of the record. */
export const describeChanges = (before: Simulation | undefined, after: Simulation): readonly NewEvent[] => [
  ...statusChange(before, after),
  ...after.nodes.flatMap((node) =>
    nodeChange(
      before?.nodes.find(({ name }) => name === node.name),
      node,
    ),
  ),
  ...after.links.flatMap((link) =>
    linkChange(
      after.topology.links.find(({ name }) => name === link.name)?.nodes ?? [],
      before?.links.find(({ name }) => name === link.name),
      link,
    ),
  ),
];
