import type { Clock } from "../kernel/clock.ts";
import type { Operation } from "../operations/operation.ts";
import type { AdvanceTenant } from "./advance-tenant.ts";
import type { RequestScaleOut, TenantOperations } from "./ports.ts";
import { leaseMilliseconds, newTenantOperation } from "./tenant-operation.ts";
import type { TenantStore } from "./tenant-store.ts";

export interface ReconcileTenantsDeps {
  readonly operations: TenantOperations;
  readonly tenants: TenantStore;
  readonly takeLease: (operation: Operation, milliseconds: number) => Promise<boolean>;
  readonly advance: AdvanceTenant;
  readonly clock: Clock;
}

/** Carries on every tenant whose worker is gone and places the waiting ones in order. Returns how many became active. */
export type ReconcileTenants = (requestScaleOut: RequestScaleOut) => Promise<number>;

const batchMax = 100;
const orphanAgeMilliseconds = 60_000;

export const makeReconcileTenants = (deps: ReconcileTenantsDeps): ReconcileTenants => {
  const { operations, tenants, takeLease, advance, clock } = deps;

  /** A crash between the tenant's document and its operation leaves a tenant that nobody works on. */
  const beginMissingOperations = async (): Promise<void> => {
    const bound = new Date(clock().getTime() - orphanAgeMilliseconds).toISOString();
    for (const tenant of await tenants.inOrder("provisioning", batchMax)) {
      if (tenant.createdAt > bound) continue;
      const operation = newTenantOperation({ ...tenant, id: tenant.operationId }, clock());
      await operations.forOwner(tenant.orgId).begin({ ...operation, leaseUntil: clock().toISOString() });
    }
  };

  return async (requestScaleOut) => {
    await beginMissingOperations();
    let placed = 0;
    for (const operation of await operations.running(batchMax)) {
      if (operation.kind !== "provision-tenant" || !(await takeLease(operation, leaseMilliseconds))) continue;
      if ((await advance(operation, requestScaleOut)) === "succeeded") placed += 1;
    }
    for (const operation of await operations.waiting(batchMax)) {
      if (operation.kind !== "provision-tenant" || !(await takeLease(operation, leaseMilliseconds))) continue;
      const outcome = await advance(operation, requestScaleOut);
      if (outcome === "succeeded") placed += 1;
      // First come, first served: if there is no room for this one, there is none for those behind it.
      if (outcome === "waiting") break;
    }
    return placed;
  };
};
