import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { sqliteDocumentStore } from "../../shared/adapters/sqlite/document-store.ts";
import type { DocumentStore } from "../../shared/documents/document-store.ts";
import { openUniqueNames } from "../../shared/documents/unique-names.ts";
import type { Caller } from "../../shared/gateway/caller.ts";
import { makeInstancePool } from "../../shared/instances/instance-pool.ts";
import { openInstanceStore } from "../../shared/instances/instance-store.ts";
import { makeScaleOut } from "../../shared/instances/scale-out.ts";
import type { Instance } from "../../shared/instances/instance.ts";
import { DomainError } from "../../shared/kernel/errors.ts";
import type { Logger } from "../../shared/kernel/logger.ts";
import { openOperationLog } from "../../shared/operations/operation-log.ts";
import { takeLease } from "../../shared/operations/take-lease.ts";
import type { Stacks } from "../../shared/stack/stack.ts";
import { makeAbandonTenant } from "../../shared/tenants/abandon-tenant.ts";
import { makeAdvanceTenant } from "../../shared/tenants/advance-tenant.ts";
import { makeCancelOperation, makeRetryOperation } from "../../shared/tenants/control-operation.ts";
import { makePlaceTenant } from "../../shared/tenants/place-tenant.ts";
import { makeProvisionTenant } from "../../shared/tenants/provision-tenant.ts";
import { makeReconcileTenants } from "../../shared/tenants/reconcile-tenants.ts";
import { openTenantStore } from "../../shared/tenants/tenant-store.ts";
import { aPool, anInstance, testContention } from "./builders.ts";
import { crashingStore } from "./crashing-store.ts";

const silent: Logger = { info: () => undefined, warn: () => undefined, error: () => undefined };

interface TenancyOptions {
  /** How many empty instances there are at first. */
  readonly instances: number;
  /** In memory unless given. */
  readonly documents?: DocumentStore;
}

const headroom = 5;

/** The tenants' services on a real document store; only the far sides of Stacks and of deployments are made up. */
export const aTenancy = ({ instances: count, documents: inner = sqliteDocumentStore(":memory:") }: TenancyOptions) => {
  const documents = crashingStore(inner);
  let now = Date.UTC(2026, 0, 1);
  let isDown = false;
  const made = new Set<string>();
  const asked: string[] = [];
  let [underWay, mostAtOnce] = [0, 0];
  let isGrowing = false;
  let isScaleOutBroken = false;
  const clock = () => new Date(now);
  const store = openInstanceStore(documents, testContention);
  const stacks: Stacks = {
    at: ({ instanceId }) => ({
      isReady: () => Promise.resolve(!isDown),
      prepare: () => Promise.resolve(),
      async createTenantSpace({ tenantId }) {
        underWay += 1;
        mostAtOnce = Math.max(mostAtOnce, underWay);
        await sleep(Math.random() * 3);
        underWay -= 1;
        if (isDown) throw new DomainError("stack-unavailable", "The Stack does not answer.");
        made.add(`${instanceId}/${tenantId}`);
      },
      changeLimits: () => Promise.resolve(true),
      openSession: () => Promise.resolve({ kind: "tenant-unknown" }),
      endSessions: () => Promise.resolve(),
      changeRole: () => Promise.resolve(),
      suspendTenant: () => Promise.resolve(),
      resumeTenant: () => Promise.resolve(),
    }),
  };
  const tenants = openTenantStore(documents);
  const operations = openOperationLog(documents, clock, testContention);
  const names = openUniqueNames(documents, clock);
  const shared = {
    tenants,
    operations,
    names,
    stacks,
    clock,
    newId: randomUUID,
    pool: aPool,
    headroom,
    log: silent,
  };
  const deps = {
    ...shared,
    contention: testContention,
    instances: makeInstancePool(store, Math.random, "http://localhost:1"),
  };
  const abandon = makeAbandonTenant(deps);
  const advance = makeAdvanceTenant({ ...deps, abandon, place: makePlaceTenant(deps) });
  const provisionTenant = makeProvisionTenant({
    ...deps,
    advance,
    patience: () => sleep(15_000, undefined, { ref: false }),
  });
  const requestScaleOut = async (pool: string): Promise<void> => {
    asked.push(pool);
    if (isScaleOutBroken) throw new Error("The durable client is away.");
    if (isGrowing) await scaleOut(pool, () => Promise.resolve());
  };
  const scaleOut = makeScaleOut({
    ...shared,
    instances: store,
    operatorOrgId: "operators",
    waiting: async () => {
      // Others come between the reads of a scale-out, also where a store answers within one turn of the event loop.
      await sleep(Math.random() * 3);
      return (await tenants.inOrder("waiting", 500)).length;
    },
  });
  const control = { ...deps, abandon, provision: provisionTenant };
  const lease = takeLease.bind(undefined, operations, clock);
  const addInstance = (change: Partial<Instance>) => {
    const id = `stack-${(serial += 1)}`;
    return store.create(anInstance({ id, sortKey: id, ...change }));
  };
  let serial = 0;
  const ready = Promise.all(Array.from({ length: count }, () => addInstance({})));
  return {
    provision: async (caller: Caller, wanted: { name: string; slug: string; namespace: string }, key?: string) => {
      await ready;
      const idempotency = key === undefined ? {} : { idempotencyKey: key };
      return provisionTenant({ caller, ...wanted, ...idempotency, requestScaleOut });
    },
    reconcile: () => makeReconcileTenants({ ...deps, takeLease: lease, advance })(requestScaleOut),
    cancel: makeCancelOperation(control),
    retry: (caller: Caller, id: string) => makeRetryOperation(control)(caller, id, requestScaleOut),
    instances: () => store.list({}),
    addInstance,
    mostSpacesAtOnce: () => mostAtOnce,
    spaces: () => [...made].sort(),
    changeInstance: (id: string, change: (instance: Instance) => Partial<Instance>) =>
      store.update(aPool, id, (instance) => ({ ...instance, ...change(instance) })),
    /** Pools that were looked at for want of room. */
    scaleOuts: () => asked,
    /** From now on what a pool lacks is recorded as on its way. */
    letGrow: () => (isGrowing = true),
    breakScaleOut: () => (isScaleOutBroken = true),
    setStackDown: (isNowDown: boolean) => (isDown = isNowDown),
    advanceClock: (milliseconds: number) => (now += milliseconds),
    documents,
    tenants,
    operations,
    names,
  };
};
