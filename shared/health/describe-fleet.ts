import type { Instance } from "../instances/instance.ts";
import type { Clock } from "../kernel/clock.ts";
import { operationView } from "../operations/operation.ts";
import type { Operation } from "../operations/operation.ts";
import type { FleetInstance, FleetView, HistorySpan, OperationView } from "./fleet-view.ts";
import type { HistoryChunk, HistoryStore } from "./history-store.ts";
import { firstStep, historyView } from "./history-view.ts";
import type { IncidentStore } from "./incident-store.ts";
import { incidentView } from "./incident.ts";
import type { MaintenanceStore, MaintenanceWindow } from "./maintenance.ts";
import { maintenanceNow, maintenanceView } from "./maintenance.ts";
import type { RecentOperations, WatchedInstances } from "./ports.ts";
import type { RefusalLog, Refusals } from "./refusals.ts";
import type { WatchStore } from "./watch-store.ts";
import type { Watch } from "./watch.ts";

interface DescribeFleetDeps {
  readonly instances: Pick<WatchedInstances, "list">;
  readonly watches: Pick<WatchStore, "all">;
  readonly history: Pick<HistoryStore, "since">;
  readonly incidents: Pick<IncidentStore, "unresolved" | "resolved">;
  readonly windows: Pick<MaintenanceStore, "current">;
  readonly refusals: Pick<RefusalLog, "all">;
  readonly operations: RecentOperations;
  readonly clock: Clock;
  /** Free slots of a pool below which another instance is started. */
  readonly scaleOutHeadroom: number;
}

/** Everything operators see of the fleet, from one moment. */
export type DescribeFleet = (span: HistorySpan) => Promise<FleetView>;

const resolvedMax = 20;
const dayMilliseconds = 24 * 60 * 60_000;
const failedShownMilliseconds = 7 * dayMilliseconds;

interface Facts {
  readonly now: string;
  readonly span: HistorySpan;
  readonly watches: ReadonlyMap<string, Watch>;
  readonly chunks: ReadonlyMap<string, readonly HistoryChunk[]>;
  readonly windows: readonly MaintenanceWindow[];
  readonly refusals: ReadonlyMap<string, Refusals>;
  readonly scaleOutHeadroom: number;
}

const neverWatched = {
  health: "unknown",
  healthSince: null,
  healthCause: null,
  lastReportAt: null,
  lastProbeAt: null,
  metrics: null,
} as const;

const healthOf = (watch: Watch | undefined) => {
  if (watch === undefined) return neverWatched;
  const { vitals, report, probedAt } = watch;
  return {
    health: vitals.state,
    healthSince: vitals.since,
    healthCause: vitals.cause,
    lastReportAt: report?.receivedAt ?? null,
    lastProbeAt: probedAt,
    metrics: report?.metrics ?? null,
  };
};

const refusedOf = (refusals: Refusals | undefined) => {
  const last = refusals?.last.at(-1);
  if (refusals === undefined || last === undefined) return {};
  const { count, reasons } = refusals;
  return { refusedReports: { count, lastAt: last.at, lastReason: last.reason, reasons: reasons.toReversed() } };
};

const fleetInstance = (instance: Instance, facts: Facts): FleetInstance => {
  const { id, mode, capacity } = instance;
  const watch = facts.watches.get(id);
  const chunks = facts.chunks.get(id) ?? [];
  const maintenance = maintenanceNow(facts.windows, id, facts.now);
  return {
    id,
    region: instance.region,
    mode,
    status: instance.status,
    failure: instance.failure,
    ...healthOf(watch),
    isInMaintenance: maintenance !== undefined,
    maintenanceSince: maintenance?.from ?? null,
    used: Object.keys(instance.slots).length,
    capacity,
    scaleOutAt: mode === "SHARED" ? Math.min(capacity, capacity - facts.scaleOutHeadroom + 1) : null,
    version: watch?.version ?? instance.version,
    ...historyView(facts.span, facts.now, watch?.history, chunks),
    operationId: instance.operationId,
    ...refusedOf(facts.refusals.get(id)),
  };
};

/** Retired instances are history; a provisioning that failed is worth a look for a week. */
const isShown = ({ status, createdAt }: Instance, now: Date): boolean =>
  status !== "retired" && (status !== "failed" || now.getTime() - Date.parse(createdAt) < failedShownMilliseconds);

const operationsOf = (found: { readonly unfinished: readonly Operation[]; readonly failed: readonly Operation[] }) => {
  const unfinished: readonly OperationView[] = found.unfinished.map(operationView);
  const isWaitingTenant = ({ status, kind }: Operation): boolean => status === "waiting" && kind === "provision-tenant";
  return {
    operations: [...unfinished, ...found.failed.map(operationView)],
    oldestUnfinished: unfinished[0] ?? null,
    waitingTenants: found.unfinished.filter(isWaitingTenant).length,
  };
};

export const makeDescribeFleet = (deps: DescribeFleetDeps): DescribeFleet => {
  const { instances, watches, history, incidents, windows, refusals, operations, clock, scaleOutHeadroom } = deps;
  return async (span) => {
    const moment = clock();
    const now = moment.toISOString();
    const [fleet, seen, chunks, current, refused, unresolved, resolved, recent] = await Promise.all([
      instances.list({}),
      watches.all(),
      history.since(span, firstStep(span, now)),
      windows.current(now),
      refusals.all(),
      incidents.unresolved(),
      incidents.resolved(resolvedMax),
      operations.recent(new Date(moment.getTime() - dayMilliseconds).toISOString()),
    ]);
    const facts: Facts = {
      now,
      span,
      watches: new Map(seen.map((watch) => [watch.instanceId, watch])),
      chunks: Map.groupBy(chunks, ({ instanceId }) => instanceId),
      windows: current,
      refusals: new Map(refused.map((each) => [each.instanceId, each])),
      scaleOutHeadroom,
    };
    return {
      generatedAt: now,
      span,
      instances: fleet.filter((each) => isShown(each, moment)).map((each) => fleetInstance(each, facts)),
      incidents: [...unresolved, ...resolved].map(incidentView),
      maintenance: current.map(maintenanceView),
      ...operationsOf(recent),
    };
  };
};
