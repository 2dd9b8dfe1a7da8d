import { getBillingHttp } from "./billing/billing.http.ts";
import { checkBillingTimer, reconcileBillingTimer } from "./billing/billing.timer.ts";
import { openCheckoutHttp, openPortalHttp } from "./billing/buy-plan.http.ts";
import { stripeWebhookHttp } from "./billing/stripe-webhook.http.ts";
import { consoleHttp } from "./console/console.http.ts";
import { commandsOf } from "./dashboard/commands-of.ts";
import { dashboardFunctions } from "./dashboard/dashboard-functions.ts";
import { listEventsHttp, replayEventsHttp } from "./events/events.http.ts";
import { resendEventsTimer, sweepEventsTimer } from "./events/events.timer.ts";
import { poisonEventQueue } from "./events/poison-event.queue.ts";
import { processEventQueue } from "./events/process-event.queue.ts";
import type { QueueWorker } from "./events/queue-worker.ts";
import { flagsFunctions } from "./flags/flags-functions.ts";
import { refreshFlagsTimer } from "./flags/flags.timer.ts";
import { publishFlagsActivities } from "./flags/publish-flags.activities.ts";
import { fleetHttp } from "./health/fleet.http.ts";
import { healthHttp, readyHttp } from "./health/health.http.ts";
import { sendAlertsTimer, sweepHealthTimer, watchInstancesTimer } from "./health/health.timer.ts";
import { acknowledgeIncidentHttp, listIncidentsHttp, resolveIncidentHttp } from "./health/incidents.http.ts";
import { createMaintenanceHttp, deleteMaintenanceHttp, listMaintenanceHttp } from "./health/maintenance.http.ts";
import { reportHealthHttp } from "./health/report.http.ts";
import type { HttpFunction } from "./http/http-function.ts";
import { drainInstanceHttp, retireInstanceHttp, undrainInstanceHttp } from "./instances/control-instance.http.ts";
import { createInstanceHttp } from "./instances/create-instance.http.ts";
import { getInstanceHttp, listInstancesHttp } from "./instances/get-instances.http.ts";
import type { Activity } from "./instances/provision-instance.activities.ts";
import { provisionInstanceActivities } from "./instances/provision-instance.activities.ts";
import type { Timer } from "./maintenance/reconcile.timer.ts";
import { housekeepingTimer, reconcileTimer } from "./maintenance/reconcile.timer.ts";
import { cancelOperationHttp, getOperationHttp, retryOperationHttp } from "./operations/operations.http.ts";
import type { Services } from "./services.ts";
import { exchangeTokenHttp } from "./sso/exchange-token.http.ts";
import { jwksHttp } from "./sso/jwks.http.ts";
import { launchStackHttp } from "./sso/launch-stack.http.ts";
import { rotateKeysHttp } from "./sso/rotate-keys.http.ts";
import { stackContextHttp } from "./stack/stack-context.http.ts";
import { resumeTenantHttp, suspendTenantHttp } from "./tenants/change-access.http.ts";
import { getTenantHttp } from "./tenants/get-tenant.http.ts";
import { listTenantsHttp } from "./tenants/list-tenants.http.ts";
import { provisionTenantHttp } from "./tenants/provision-tenant.http.ts";
import { complementTokenHttp } from "./users/complement-token.http.ts";
import { directoryHttp } from "./users/directory.http.ts";
import { reconcileDirectoryTimer } from "./users/directory.timer.ts";
import { zitadelWebhookHttp } from "./users/zitadel-webhook.http.ts";
import { migrateCatalogActivities } from "./tools/migrate-catalog.activities.ts";
import { reconcileMigrationsTimer } from "./tools/migrations.timer.ts";
import { kitTrialFunctions } from "./stackkits/kit-trials.http.ts";
import { kitsFunctions } from "./stackkits/kits-functions.ts";
import { toolsFunctions } from "./tools/tools-functions.ts";
import { getUserHttp } from "./users/get-user.http.ts";
import { addServiceKeyHttp, removeServiceKeyHttp } from "./users/service-keys.http.ts";

/** Everything the app offers, as data: read by main.ts, by the tests and by whoever wants to know what there is. */
export interface FunctionCatalog {
  readonly http: readonly HttpFunction[];
  readonly timers: readonly Timer[];
  readonly queues: readonly QueueWorker[];
  readonly activities: readonly Activity[];
}

/** What vendors call, what is bought from them, and who may ask for people. */
const vendorHttp = (services: Services): readonly HttpFunction[] => [
  getUserHttp(services),
  addServiceKeyHttp(services),
  removeServiceKeyHttp(services),
  listEventsHttp(services),
  replayEventsHttp(services),
  zitadelWebhookHttp(services),
  complementTokenHttp(services),
  directoryHttp(services),
  stripeWebhookHttp(services),
  getBillingHttp(services),
  openCheckoutHttp(services),
  openPortalHttp(services),
];

export const functionCatalog = (services: Services): FunctionCatalog => ({
  http: [
    provisionTenantHttp(services),
    getTenantHttp(services),
    launchStackHttp(services),
    exchangeTokenHttp(services),
    jwksHttp(services),
    stackContextHttp(services),
    getOperationHttp(services),
    cancelOperationHttp(services),
    retryOperationHttp(services),
    createInstanceHttp(services),
    listInstancesHttp(services),
    getInstanceHttp(services),
    drainInstanceHttp(services),
    undrainInstanceHttp(services),
    retireInstanceHttp(services),
    listTenantsHttp(services),
    suspendTenantHttp(services),
    resumeTenantHttp(services),
    rotateKeysHttp(services),
    healthHttp(services),
    readyHttp(services),
    reportHealthHttp(services),
    fleetHttp(services),
    listIncidentsHttp(services),
    acknowledgeIncidentHttp(services),
    resolveIncidentHttp(services),
    listMaintenanceHttp(services),
    createMaintenanceHttp(services),
    deleteMaintenanceHttp(services),
    ...toolsFunctions(services),
    ...flagsFunctions(services),
    ...kitsFunctions(services),
    ...kitTrialFunctions(services),
    ...vendorHttp(services),
    ...consoleHttp(services),
    ...dashboardFunctions({ ...services, commands: commandsOf(services) }),
  ],
  timers: [
    reconcileTimer(services),
    housekeepingTimer(services),
    watchInstancesTimer(services),
    sendAlertsTimer(services),
    sweepHealthTimer(services),
    reconcileDirectoryTimer(services),
    reconcileMigrationsTimer(services),
    refreshFlagsTimer(services),
    resendEventsTimer(services),
    sweepEventsTimer(services),
    checkBillingTimer(services),
    reconcileBillingTimer(services),
  ],
  queues: [processEventQueue(services), poisonEventQueue(services)],
  activities: [
    ...provisionInstanceActivities(services),
    ...migrateCatalogActivities(services),
    ...publishFlagsActivities(services),
  ],
});
