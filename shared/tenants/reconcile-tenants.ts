import type { Clock } from "../kernel/clock.ts";
import type { Operation } from "../operations/operation.ts";
import type { AdvanceTenant } from "./advance-tenant.ts";
import type { RequestScaleOut, TenantOperations } from "./ports.ts";
import { inTurn } from "./in-turn.ts";
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
/** Several spaces are made at once: mostly on different instances, and one instance takes a few side by side. */
const atOnceMax = 6;
/** Then the next run of the timer goes on. */
const runMilliseconds = 60_000;
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
    const end = clock().getTime() + runMilliseconds;
    let placed = 0;
    /** Whether those behind may come; `isQueue`: nobody behind one for whom there is no room is given any. */
    const carryOn = (isQueue: boolean) => async (operation: Operation, onClaimed: () => void) => {
      if (clock().getTime() >= end) return false;
      if (operation.kind !== "provision-tenant" || !(await takeLease(operation, leaseMilliseconds))) return true;
      const outcome = await advance(operation, requestScaleOut, onClaimed);
      if (outcome === "succeeded") placed += 1;
      return !isQueue || outcome !== "waiting";
    };
    await inTurn(await operations.running(batchMax), atOnceMax, carryOn(false));
    await inTurn(await operations.waiting(batchMax), atOnceMax, carryOn(true));
    return placed;
  };
};
