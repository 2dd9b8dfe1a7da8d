import type { DeploymentMode, InstanceStatus, Region } from "../instances/instance.ts";
import type { operationView } from "../operations/operation.ts";
import type { HealthState } from "./health-state.ts";

/** Steps of a history strip, oldest first. */
export const historySteps = 90;

/** What one step of the history spans. */
export type HistorySpan = "minutes" | "hours" | "days";

/** The worst state of one step; `none` where nothing was recorded. Instants are ISO 8601 UTC. */
export interface HistoryStep {
  readonly from: string;
  readonly state: HealthState | "maintenance" | "none";
}

/** Answer times of probes, in milliseconds; null where none was answered. `series` goes along with the history. */
export interface LatencyView {
  readonly p50: number | null;
  readonly p95: number | null;
  readonly series: readonly (number | null)[];
}

export interface RefusedReports {
  readonly count: number;
  readonly lastAt: string;
  readonly lastReason: string;
  /** How many for what reason, the latest first; those counted by earlier releases are missing. */
  readonly reasons: readonly { readonly reason: string; readonly count: number; readonly lastAt: string }[];
}

export interface FleetInstance {
  readonly id: string;
  readonly region: Region;
  readonly mode: DeploymentMode;
  readonly status: (typeof InstanceStatus)["options"][number];
  readonly failure: string | null;
  readonly health: HealthState;
  /** Since when it is in this state of health. */
  readonly healthSince: string | null;
  /** Why it is not healthy, in words for people. */
  readonly healthCause: string | null;
  readonly isInMaintenance: boolean;
  /** The begin of the maintenance it is in. */
  readonly maintenanceSince: string | null;
  readonly used: number;
  readonly capacity: number;
  /** Slots taken from which on another instance is started; null where nothing is (DEDICATED). */
  readonly scaleOutAt: number | null;
  readonly version: string | null;
  readonly lastReportAt: string | null;
  readonly lastProbeAt: string | null;
  readonly metrics: {
    readonly cpuPercent: number;
    readonly memoryPercent: number;
    readonly tenantCount: number;
  } | null;
  readonly latency: LatencyView;
  readonly history: readonly HistoryStep[];
  readonly operationId: string;
  /** Reports in its name that were refused (bad signature, absurd figures); absent if none was. */
  readonly refusedReports?: RefusedReports;
}

export type IncidentState = "open" | "acknowledged" | "resolved";

export interface IncidentView {
  readonly id: string;
  readonly instanceId: string;
  readonly state: IncidentState;
  /** The worst state of health it saw. */
  readonly health: HealthState;
  readonly cause: string;
  readonly openedAt: string;
  readonly acknowledgedAt: string | null;
  readonly acknowledgedBy: string | null;
  readonly resolvedAt: string | null;
}

export interface MaintenanceWindowView {
  readonly id: string;
  readonly instanceId: string;
  readonly from: string;
  readonly until: string;
  readonly reason: string;
}

export type OperationView = ReturnType<typeof operationView>;

/** Everything the operator's dashboard shows, from one moment. */
export interface FleetView {
  readonly generatedAt: string;
  readonly span: HistorySpan;
  readonly instances: readonly FleetInstance[];
  /** Unresolved ones first, then the newest resolved. */
  readonly incidents: readonly IncidentView[];
  readonly maintenance: readonly MaintenanceWindowView[];
  /** Unfinished ones, oldest first, then the failed ones of the last day. */
  readonly operations: readonly OperationView[];
  readonly oldestUnfinished: OperationView | null;
  /** Tenants accepted that wait for room. */
  readonly waitingTenants: number;
}
