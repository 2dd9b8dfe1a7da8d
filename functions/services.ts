import { join } from "node:path";
import type { InvocationContext } from "@azure/functions";
import type { CallerRules } from "../shared/gateway/caller.ts";
import { callerFromClaims } from "../shared/gateway/caller.ts";
import { makeCheckHealth } from "../shared/health/check-health.ts";
import { makeCreateInstance } from "../shared/instances/create-instance.ts";
import { makeBeginRetiring, makeSetDraining } from "../shared/instances/control-instance.ts";
import { poolOf } from "../shared/instances/instance.ts";
import { makeFindWork } from "../shared/instances/instance-work.ts";
import { makeProvisionInstance } from "../shared/instances/provision-instance.ts";
import { makeReconcileInstances } from "../shared/instances/reconcile-instances.ts";
import { makeRetireInstance } from "../shared/instances/retire-instance.ts";
import { makeKeepCapacity, makeScaleOut } from "../shared/instances/scale-out.ts";
import type { Logger } from "../shared/kernel/logger.ts";
import type { OperationKind } from "../shared/operations/operation.ts";
import { takeLease } from "../shared/operations/take-lease.ts";
import { makeExchangeToken } from "../shared/sso/exchange-token.ts";
import { makeLaunchKeys } from "../shared/sso/launch-keys.ts";
import { makeLaunchStack } from "../shared/sso/launch-stack.ts";
import { openKitTrials } from "../shared/stackkits/kit-trials.ts";
import { makeAbandonTenant } from "../shared/tenants/abandon-tenant.ts";
import { makeAdvanceTenant } from "../shared/tenants/advance-tenant.ts";
import { makeChangePlan } from "../shared/tenants/change-plan.ts";
import { makeChangeAccess } from "../shared/tenants/change-access.ts";
import { makeCancelOperation, makeFindOperation, makeRetryOperation } from "../shared/tenants/control-operation.ts";
import { makeDescribeTenant, makeFindTenant } from "../shared/tenants/find-tenant.ts";
import { makePlaceTenant } from "../shared/tenants/place-tenant.ts";
import { makeProvisionTenant } from "../shared/tenants/provision-tenant.ts";
import { makeReconcileTenants } from "../shared/tenants/reconcile-tenants.ts";
import { makeResolveTenant } from "../shared/tenants/resolve-tenant.ts";
import type { RefreshCaller } from "../shared/users/refresh-caller.ts";
import { makeRefreshCaller, refuseWithdrawn } from "../shared/users/refresh-caller.ts";
import type { Adapters } from "./adapters.ts";
import type { Settings } from "./config.ts";
import { buildFlagServices } from "./flags/flag-services.ts";
import { buildHealthServices } from "./health/health-services.ts";
import { makeReadCaller, operatorOnly } from "./http/read-caller.ts";
import { purgeWorkflows } from "./http/workflows.ts";
import { buildInstanceControls, buildInstanceWorkflows } from "./instances/instance-workflows.ts";
import type { OperationControls } from "./operations/operations.http.ts";
import { buildKitServices } from "./stackkits/kits-services.ts";
import { buildStores } from "./stores.ts";
import type { Stores } from "./stores.ts";
import { buildVendorServices } from "./vendor-services.ts";
import { buildToolsServices } from "./tools/tools-services.ts";

const version = "0.1.0";
/** An HTTP caller is kept waiting this long for a tenant; afterwards the answer is 202 and the work goes on. */
const patienceMilliseconds = 20_000;
const checkMilliseconds = 2_000;

const waitingCountMax = 500;

const buildInstanceServices = (settings: Settings, adapters: Adapters, stores: Stores, log: Logger) => {
  const operatorOrgId = settings.OPERATOR_ORG_ID;
  const creation = { ...adapters, ...stores, operatorOrgId };
  const pool = poolOf(settings.DEFAULT_REGION, "SHARED");
  const headroom = settings.SCALE_OUT_HEADROOM;
  /** Tenants that wait for a slot, 500 at most; all of them for the pool where tenants are placed. */
  const countWaiting = async () => (await stores.tenants.inOrder("waiting", waitingCountMax)).length;
  const waiting = async (asked: string) => (asked === pool ? countWaiting() : 0);
  const scaleOut = makeScaleOut({ ...creation, headroom, waiting, log });
  const work = { ...adapters, ...stores, operatorOrgId };
  const workflowsFor = buildInstanceWorkflows(makeFindWork(work));
  const provisioningOf = (context: InvocationContext) => workflowsFor(context).start;
  const claimOf = async (tenantId: string) =>
    (await stores.tenants.forTenant(tenantId).read())?.value.placement?.claimId;
  return {
    instances: stores.instances,
    createInstance: makeCreateInstance(creation),
    provision: makeProvisionInstance(work),
    retireInstance: makeRetireInstance(work),
    setDraining: makeSetDraining(work),
    beginRetiring: makeBeginRetiring(work),
    instanceControls: buildInstanceControls(work, workflowsFor),
    provisioningOf,
    countWaiting,
    keepCapacity: makeKeepCapacity({ instances: stores.instances, log, scaleOut, pool }),
    scaleOutOf: (context: InvocationContext) => async (asked: string) => {
      await scaleOut(asked, provisioningOf(context));
    },
    reconcileInstances: makeReconcileInstances({ ...work, claimOf }),
  };
};

const buildTenantServices = (settings: Settings, adapters: Adapters, stores: Stores, log: Logger) => {
  const pool = poolOf(settings.DEFAULT_REGION, "SHARED");
  const headroom = settings.SCALE_OUT_HEADROOM;
  const deps = { ...adapters, ...stores, instances: stores.pool, log, pool, headroom };
  const place = makePlaceTenant(deps);
  const abandon = makeAbandonTenant(deps);
  const advance = makeAdvanceTenant({ ...deps, place, abandon });
  const provision = makeProvisionTenant({ ...deps, advance, patience: () => adapters.sleep(patienceMilliseconds) });
  const describe = makeDescribeTenant(deps);
  const lease = takeLease.bind(undefined, stores.operations, adapters.clock);
  return {
    tenants: stores.tenants,
    provisionTenant: provision,
    describeTenant: describe,
    findTenant: makeFindTenant({ ...deps, describe }),
    resolveTenant: makeResolveTenant({ ...deps, describe }),
    changeAccess: makeChangeAccess(deps),
    changePlan: makeChangePlan(deps),
    findOperation: makeFindOperation(deps),
    tenantControls: {
      cancel: makeCancelOperation({ ...deps, abandon, provision }),
      retry: makeRetryOperation({ ...deps, abandon, provision }),
    },
    reconcileTenants: makeReconcileTenants({ ...deps, takeLease: lease, advance }),
  };
};

const buildSsoServices = (settings: Settings, adapters: Adapters, stores: Stores) => {
  const keys = makeLaunchKeys(adapters);
  const tenants = {
    read: async (tenantId: string) => (await stores.tenants.forTenant(tenantId).read())?.value,
    endpoints: async ({ placement }: { placement: Parameters<Stores["pool"]["endpoints"]>[0] | null }) =>
      placement === null ? undefined : stores.pool.endpoints(placement),
  };
  const users = { ...stores.users, refuse: refuseWithdrawn };
  const deps = { ...adapters, tenants, users, keys, publicBaseUrl: settings.PUBLIC_BASE_URL };
  return {
    keys,
    names: stores.names,
    launchStack: makeLaunchStack(deps),
    exchangeToken: makeExchangeToken({ ...deps, once: stores.names }),
  };
};

const buildHealth = ({ clock, sleep }: Adapters, { instances }: Stores, keys: { publicKeys: () => Promise<unknown> }) =>
  makeCheckHealth({
    version,
    clock,
    checks: {
      database: async () => {
        await instances.list({ status: "failed" });
      },
      storage: async () => {
        await keys.publicKeys();
      },
    },
    timeout: async () => {
      await sleep(checkMilliseconds);
      throw new Error("The check took too long.");
    },
  });

const buildDashboardParts = (
  { secrets, newSecret, signInProvider, verifier, clock }: Adapters,
  rules: CallerRules,
  refresh: RefreshCaller,
) => ({
  ...{ secrets, newSecret, signInProvider },
  readToken: async (token: string) => {
    const claims = await verifier.verify(token);
    const lifeSeconds = Math.floor(Number(claims["exp"]) - clock().getTime() / 1000);
    return { caller: await refresh(callerFromClaims(claims, rules)), lifeSeconds };
  },
});

/** Every use case, wired once. */
export const buildServices = (settings: Settings, given: Adapters, log: Logger, assetsDirectory: string) => {
  const stores = buildStores(settings, given);
  const { stacks, ...flagServices } = buildFlagServices({ ...given, ...stores, log });
  const adapters: Adapters = { ...given, stacks };
  const rules = { projectId: settings.OIDC_PROJECT_ID, operatorOrgId: settings.OPERATOR_ORG_ID };
  const refresh = makeRefreshCaller({ users: stores.users, operatorOrgId: rules.operatorOrgId });
  const readCaller = makeReadCaller(adapters.verifier, rules, refresh);
  const sso = buildSsoServices(settings, adapters, stores);
  const instances = buildInstanceServices(settings, adapters, stores, log);
  const tenants = buildTenantServices(settings, adapters, stores, log);
  const tools = buildToolsServices({ ...adapters, ...stores });
  const { instanceControls, scaleOutOf } = instances;
  const { ALERT_WEBHOOK_URL: alertUrl, SCALE_OUT_HEADROOM: scaleOutHeadroom } = settings;
  const health = buildHealthServices({ ...adapters, ...stores, log, alertUrl, scaleOutHeadroom });
  const readTenant = async (tenantId: string) => (await stores.tenants.forTenant(tenantId).read())?.value;
  const vendors = buildVendorServices({
    ...{ adapters, stores, log, readTenant },
    raiseAlert: health.raiseAlert,
    ...{ settings, tenants },
  });
  const operationControls: Record<OperationKind, OperationControls> = {
    "provision-tenant": {
      cancel: tenants.tenantControls.cancel,
      retry: (caller, id, context) => tenants.tenantControls.retry(caller, id, scaleOutOf(context)),
    },
    "provision-instance": instanceControls,
    "retire-instance": instanceControls,
    "migrate-catalog": tools.migrationControls,
  };
  return {
    readCaller,
    purgeWorkflows,
    readOperator: operatorOnly(readCaller),
    defaultRegion: settings.DEFAULT_REGION,
    stackDomain: settings.STACK_DOMAIN,
    publicBaseUrl: settings.PUBLIC_BASE_URL,
    publicOrigin: new URL(settings.PUBLIC_BASE_URL).origin,
    assetsDirectory,
    dashboardDirectory: join(assetsDirectory, "../admin"),
    ...buildDashboardParts(adapters, rules, refresh),
    issuer: settings.OIDC_ISSUER,
    clientId: settings.OIDC_CONSOLE_CLIENT_ID,
    operatorOrgId: settings.OPERATOR_ORG_ID,
    checkHealth: buildHealth(adapters, stores, sso.keys),
    ...instances,
    ...tenants,
    operationControls,
    ...health,
    ...vendors,
    ...sso,
    ...tools,
    ...flagServices,
    ...buildKitServices({ ...adapters, ...stores, kitKeys: settings.STACKKIT_KEYS }),
    ...{ kitTrials: openKitTrials(adapters.documents), readTenant, newSecret: adapters.newSecret },
  };
};
export type Services = ReturnType<typeof buildServices>;
