import type { DockerId } from "../engine/ports.ts";
import type { LinkDirection, Topology } from "../topology/topology.ts";

/** What the tenant asked for last. The reconciler makes it so, whatever it finds. */
export type Wanted = "running" | "paused" | "stopped" | "deleted";

/**
 * `queued`: waits for room. `failed`: given up, with `error`; whatever was made is taken away, and it can be started again.
 * All that end in -ing are left by themselves: at `deadlineAt` at the latest, as `failed`.
 */
export type Status =
  "queued" | "starting" | "running" | "pausing" | "paused" | "stopping" | "stopped" | "deleting" | "failed";

export type NodeWanted = "running" | "paused" | "stopped";
export type NodeState = "absent" | "created" | "running" | "paused" | "exited";

export interface SimulationNode {
  readonly name: string;
  /** What this one node shall do while the simulation runs. */
  readonly wanted: NodeWanted;
  /** Where the engine keeps it; absent until it was made. */
  readonly containerId?: DockerId;
  readonly state: NodeState;
  readonly health?: "starting" | "healthy" | "unhealthy";
  readonly exitCode?: number;
  readonly isOutOfMemory?: boolean;
  /** Counted up to have the container made anew or started again. */
  readonly restarts: number;
}

export interface SimulationLink {
  readonly name: string;
  /** A /27, claimed before the network is made and freed after it was seen to be gone. */
  readonly subnet?: string;
  readonly networkId?: DockerId;
  readonly isDown: boolean;
  /** All directions with an impairment, as they are now: the topology's, changed by hand or by a run. */
  readonly directions: readonly LinkDirection[];
  /** The address of each node on this link. */
  readonly addresses: Readonly<Record<string, string>>;
}

export interface Simulation {
  readonly tenantId: string;
  /** `sim-` and 20 characters of a-z and 2-7. */
  readonly id: string;
  /** The topology as it was written, comments and all. */
  readonly source: string;
  readonly topology: Topology;
  readonly wanted: Wanted;
  readonly status: Status;
  readonly error?: { readonly code: string; readonly detail: string };
  readonly nodes: readonly SimulationNode[];
  readonly links: readonly SimulationLink[];
  /** Counts every change; the ETag. */
  readonly revision: number;
  readonly createdAt: string;
  readonly updatedAt: string;
  /** Since when it is in `queued`, first come first served. */
  readonly queuedAt?: string;
  /** When it came to run; its time to live counts from here. */
  readonly startedAt?: string;
  /** When it is stopped by itself. */
  readonly expiresAt?: string;
  /** When a status that ends in -ing is given up. */
  readonly deadlineAt?: string;
}

/** Work that somebody may wait for. */
export interface Operation {
  readonly tenantId: string;
  readonly simulationId: string;
  readonly id: string;
  readonly kind: "create" | "change" | "start" | "stop" | "pause" | "resume" | "restart" | "delete" | "node";
  readonly status: "running" | "succeeded" | "failed" | "superseded";
  /** Of the steps known so far. */
  readonly stepsDone: number;
  readonly stepsTotal: number;
  /** The step under way, for people. */
  readonly step?: string;
  readonly error?: { readonly code: string; readonly detail: string };
  readonly createdAt: string;
  readonly endedAt?: string;
}

/** Something that happened to a simulation; numbered per simulation without gaps. */
export interface SimulationEvent {
  readonly sequence: number;
  readonly at: string;
  readonly kind: "status" | "node" | "link" | "operation" | "run" | "assertion" | "fault";
  /** JSON for machines; `text` for people. */
  readonly data: Readonly<Record<string, unknown>>;
  readonly text: string;
}
