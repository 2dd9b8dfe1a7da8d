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

export type NodeWanted = "running" | "paused" | "stopped" | "killed";
export type NodeState = "absent" | "created" | "running" | "paused" | "exited";

export interface SimulationNode {
  readonly name: string;
  /** What this one node shall do while the simulation runs. */
  readonly wanted: NodeWanted;
  /** Where the engine keeps it; absent until it was made. */
  readonly containerId?: DockerId;
  /** Digest of what its container was made from; another one means that it must be made anew. */
  readonly madeFrom?: string;
  readonly state: NodeState;
  readonly health?: "starting" | "healthy" | "unhealthy";
  readonly exitCode?: number;
  readonly isOutOfMemory?: boolean;
  /** How often somebody wanted it to start, and how often it was started since its container was made: a node that ends by
   * itself stays as it is until somebody wants it again. */
  readonly startsWanted: number;
  readonly startsDone: number;
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

/** A person and the organisation in whose name they act. */
export interface Subject {
  readonly sub: string;
  readonly orgId: string;
}

export interface Simulation {
  readonly tenantId: string;
  /** `sim-` and 20 characters of a-z and 2-7. */
  readonly id: string;
  /** Who made it: by them the control plane says whether the tenant is still in good standing. */
  readonly createdBy: Subject;
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
  /** How long it may run without being extended: the plan's word when it was last started. */
  readonly lifetimeMinutes: number;
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
