import type { Owner } from "../engine/ports.ts";
import type { Simulation, SimulationNode, Status } from "./simulation.ts";

/** Whether anything of it is, or may be, in the engine. */
export const hasLeftovers = ({ status, nodes, links }: Simulation): boolean =>
  !(status === "stopped" || status === "failed") ||
  nodes.some(({ containerId }) => containerId !== undefined) ||
  links.some(({ networkId, subnet }) => networkId !== undefined || subnet !== undefined);

/** Whether it shall be in the engine at all. What waits in the queue, or has failed, shall not. */
export const isUp = ({ wanted, status, error }: Simulation): boolean =>
  (wanted === "running" || wanted === "paused") && status !== "queued" && error === undefined;

export type NodeGoal = "absent" | "running" | "paused" | "stopped" | "killed";

/** What a node shall be like now. */
export const goalOf = (simulation: Simulation, node: SimulationNode): NodeGoal => {
  if (!isUp(simulation)) return "absent";
  if (node.wanted === "running" && simulation.wanted === "paused") return "paused";
  return node.wanted;
};

/** The status once nothing is left to do. */
export const restingStatus = ({ wanted, error, status }: Simulation): Status => {
  if (status === "queued") return "queued";
  if (error !== undefined) return "failed";
  return wanted === "deleted" ? "deleting" : wanted;
};

/** Statuses that are left by themselves, with a deadline. */
const isUnderWay = (status: Status): boolean => ["starting", "pausing", "stopping", "deleting"].includes(status);

const fixedMinutes = 2;
const secondsPerNode = 3;

/** When work on so many nodes is given up (or, for taking away, said to hang), in milliseconds from its beginning. */
const deadlineMilliseconds = (nodes: number): number => (fixedMinutes * 60 + secondsPerNode * nodes) * 1000;

/** A change of status, with the deadline that goes with it. */
export const withStatus = (simulation: Simulation, status: Status, now: Date): Simulation => {
  const { deadlineAt: _deadline, queuedAt, ...rest } = simulation;
  const until = new Date(now.getTime() + deadlineMilliseconds(simulation.nodes.length)).toISOString();
  return {
    ...rest,
    status,
    ...(isUnderWay(status) ? { deadlineAt: until } : {}),
    ...(status === "queued" ? { queuedAt: queuedAt ?? now.toISOString() } : {}),
  };
};

/** What cannot go on is taken away, and says why. */
export const failed = (simulation: Simulation, error: { code: string; detail: string }, now: Date): Simulation => ({
  ...withStatus(simulation, "stopping", now),
  wanted: simulation.wanted === "deleted" ? "deleted" : "stopped",
  error,
});

export const ownerOf = ({ tenantId, id }: Simulation, part: string, generation: number): Owner => ({
  tenantId,
  simulationId: id,
  part,
  generation,
});
