import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { sqliteDocumentStore } from "../../shared/adapters/sqlite/document-store.ts";
import { openUniqueNames } from "../../shared/documents/unique-names.ts";
import type { Caller } from "../../shared/gateway/caller.ts";
import { makeInstancePool } from "../../shared/instances/instance-pool.ts";
import { openInstanceStore } from "../../shared/instances/instance-store.ts";
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

/** The tenants' services on a real (in-memory) document store; only the far side of a Stack is made up. */
export const aTenancy = ({ instances: count }: { readonly instances: number }) => {
  const documents = crashingStore(sqliteDocumentStore(":memory:"));
  let now = Date.UTC(2026, 0, 1);
  let isDown = false;
  const made = new Set<string>();
  const asked: string[] = [];
  const clock = () => new Date(now);
  const store = openInstanceStore(documents, testContention);
  const stacks: Stacks = {
    at: ({ instanceId }) => ({
      isReady: () => Promise.resolve(!isDown),
      prepare: () => Promise.resolve(),
      async createTenantSpace({ tenantId }) {
        await sleep(Math.random() * 3);
        if (isDown) throw new DomainError("stack-unavailable", "The Stack does not answer.");
        made.add(`${instanceId}/${tenantId}`);
      },
      openSession: () => Promise.resolve({ kind: "tenant-unknown" }),
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
    headroom: 5,
    log: silent,
  };
  const deps = { ...shared, contention: testContention, instances: makeInstancePool(store, Math.random) };
  const abandon = makeAbandonTenant(deps);
  const advance = makeAdvanceTenant({ ...deps, abandon, place: makePlaceTenant(deps) });
  const provisionTenant = makeProvisionTenant({
    ...deps,
    advance,
    patience: () => sleep(15_000, undefined, { ref: false }),
  });
  const requestScaleOut = (pool: string): Promise<void> => {
    asked.push(pool);
    return Promise.resolve();
  };
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
    spaces: () => [...made].sort(),
    scaleOuts: () => asked,
    setStackDown: (isNowDown: boolean) => (isDown = isNowDown),
    advanceClock: (milliseconds: number) => (now += milliseconds),
    documents,
    tenants,
    operations,
    names,
  };
};
