import type { Simulation, SimulationNode, Status } from "../api/simulation-shapes.ts";
import type { NodeAction, SimulationAction } from "../api/simulations-api.ts";

/** Its trial is under way: the host refuses everything but what ends it, so nothing else is offered. */
export const isSealed = ({ trial }: Pick<Simulation, "trial">): boolean => trial?.status === "running";

const ofStatus: Readonly<Record<Status, readonly SimulationAction[]>> = {
  queued: ["stop"],
  starting: ["stop"],
  running: ["pause", "restart", "stop"],
  pausing: ["stop"],
  paused: ["resume", "stop"],
  stopping: [],
  stopped: ["start"],
  deleting: [],
  failed: ["start"],
};

/** What may be asked for of the whole simulation. */
export const allowedActions = (simulation: Pick<Simulation, "status" | "trial">): readonly SimulationAction[] =>
  ofStatus[simulation.status].filter((action) => action === "stop" || !isSealed(simulation));

const ofState: Readonly<Record<SimulationNode["state"], readonly NodeAction[]>> = {
  absent: ["start"],
  created: ["start"],
  exited: ["start"],
  paused: ["resume", "stop", "kill"],
  running: ["pause", "restart", "stop", "kill"],
};

/** What may be asked for of one of its nodes: nothing unless it is up. */
export const allowedNodeActions = (
  simulation: Pick<Simulation, "status" | "trial">,
  { state }: Pick<SimulationNode, "state">,
): readonly NodeAction[] => (simulation.status === "running" && !isSealed(simulation) ? ofState[state] : []);
