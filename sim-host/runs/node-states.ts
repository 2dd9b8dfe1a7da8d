import type { TimelineEvent, Topology } from "../topology/topology.ts";
import { inOrder, isActive } from "./link-states.ts";

type NodeEvent = Extract<TimelineEvent, { readonly kind: "node" }>;
export type NodeAction = NodeEvent["action"];

const stateAfter = {
  pause: "paused",
  kill: "killed",
  stop: "stopped",
  start: "running",
  resume: "running",
  restart: "running",
} as const satisfies Record<NodeAction, string>;

const wayTo = { paused: "pause", killed: "kill", stopped: "stop", running: "resume" } as const;

export const isNodeEvent = (event: TimelineEvent): event is NodeEvent => event.kind === "node";

/**
 * What brings a node to where it shall be at the moment when a fault on it ends: back to running, or to what another fault
 * still wants.
 */
export const undoingActionAt = (
  { timeline }: Pick<Topology, "timeline">,
  node: string,
  seconds: number,
): NodeAction => {
  const last = inOrder(timeline)
    .filter(isNodeEvent)
    .filter((event) => event.node === node && isActive(event, seconds))
    .at(-1);
  return wayTo[last === undefined ? "running" : stateAfter[last.action]];
};
