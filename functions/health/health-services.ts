import { openAlertStore, makeSendAlerts } from "../../shared/health/alert.ts";
import { makeDescribeFleet } from "../../shared/health/describe-fleet.ts";
import { openHistoryStore } from "../../shared/health/history-store.ts";
import { openIncidentStore } from "../../shared/health/incident-store.ts";
import { makePlanMaintenance, openMaintenanceStore } from "../../shared/health/maintenance.ts";
import { makeAcknowledgeIncident, makeResolveIncident } from "../../shared/health/manage-incidents.ts";
import type { ProbeInstance, RecentOperations, SendWebhook, WatchedInstances } from "../../shared/health/ports.ts";
import { makeRaiseAlert } from "../../shared/health/raise-alert.ts";
import { makeReceiveReport } from "../../shared/health/receive-report.ts";
import { openRefusalLog } from "../../shared/health/refusals.ts";
import { makeSettleWatch } from "../../shared/health/settle-watch.ts";
import { makeSweepHealth } from "../../shared/health/sweep-health.ts";
import { makeWatchInstances } from "../../shared/health/watch-instances.ts";
import { openWatchStore } from "../../shared/health/watch-store.ts";
import type { DocumentStore } from "../../shared/documents/document-store.ts";
import type { Clock } from "../../shared/kernel/clock.ts";
import type { NewId } from "../../shared/kernel/ids.ts";
import type { Logger } from "../../shared/kernel/logger.ts";
import type { RetryPolicy } from "../../shared/kernel/retry.ts";
import type { SecretStore } from "../../shared/secrets/secret-store.ts";

interface HealthParts {
  readonly documents: DocumentStore;
  readonly secrets: SecretStore;
  readonly instances: WatchedInstances;
  readonly operations: RecentOperations;
  readonly probe: ProbeInstance;
  readonly sendWebhook: SendWebhook;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly sleep: (milliseconds: number) => Promise<unknown>;
  readonly contention: RetryPolicy;
  readonly log: Logger;
  readonly alertUrl: string | undefined;
  readonly scaleOutHeadroom: number;
}

/** The use cases of the fleet's health, wired once. */
export const buildHealthServices = (parts: HealthParts) => {
  const { documents, clock, contention, alertUrl } = parts;
  const alerts = openAlertStore(documents);
  const watches = openWatchStore(documents, contention);
  const history = openHistoryStore(documents, contention);
  const incidents = openIncidentStore(documents, contention);
  const windows = openMaintenanceStore(documents);
  const refusals = openRefusalLog(documents, parts);
  const settle = makeSettleWatch({ history, incidents, alerts, isAlerting: alertUrl !== undefined });
  const deps = { ...parts, alerts, watches, history, incidents, windows, refusals, settle };
  return {
    incidents,
    alerts,
    maintenanceWindows: windows,
    watchInstances: makeWatchInstances(deps),
    receiveReport: makeReceiveReport(deps),
    raiseAlert: makeRaiseAlert({ ...deps, isAlerting: alertUrl !== undefined }),
    sendAlerts: makeSendAlerts({ ...deps, url: alertUrl }),
    sweepHealth: makeSweepHealth(documents, clock),
    describeFleet: makeDescribeFleet(deps),
    planMaintenance: makePlanMaintenance(deps),
    acknowledgeIncident: makeAcknowledgeIncident(deps),
    resolveIncident: makeResolveIncident(deps),
    clock,
  };
};
