import { DocumentChanged } from "../documents/document-store.ts";
import type { UniqueNames } from "../documents/unique-names.ts";
import type { RetryPolicy } from "../kernel/retry.ts";
import { retryContention } from "../kernel/retry.ts";
import type { InstancePool } from "./ports.ts";
import { slugName } from "./slug-name.ts";
import type { TenantStore } from "./tenant-store.ts";
import type { Tenant } from "./tenant.ts";

export interface AbandonTenantDeps {
  readonly tenants: TenantStore;
  readonly instances: InstancePool;
  readonly names: UniqueNames;
  readonly contention: RetryPolicy;
}

/** False: the tenant is not in a state from which it may be given up. */
export type AbandonTenant = (tenantId: string, as: "failed" | "cancelled") => Promise<boolean>;

const mayBecome = (tenant: Tenant, as: "failed" | "cancelled"): boolean =>
  tenant.status === as || tenant.status === "waiting" || (as === "failed" && tenant.status === "provisioning");

/**
 * Gives a tenant up that never became active: the decision first, then its slot, then its slug. Repeating it finishes
 * what a crash left. Cancelling stops at `waiting`, where nothing has been made on an instance yet.
 */
export const makeAbandonTenant =
  ({ tenants, instances, names, contention }: AbandonTenantDeps): AbandonTenant =>
  (tenantId, as) =>
    retryContention(
      contention,
      (error) => error instanceof DocumentChanged,
      async () => {
        const one = tenants.forTenant(tenantId);
        const found = await one.read();
        if (found === undefined || !mayBecome(found.value, as)) return false;
        const { placement } = found.value;
        const leaving: Tenant = {
          ...found.value,
          status: as,
          placement: placement === null ? null : { ...placement, state: "releasing" },
        };
        const decided = await one.replace(leaving, found.etag);
        if (placement !== null) {
          await instances.release(tenantId, placement);
          await one.replace({ ...leaving, placement: null }, decided.etag);
        }
        await names.release(slugName(found.value.slug), tenantId);
        return true;
      },
    );
