import { DocumentChanged } from "../documents/document-store.ts";
import { DomainError } from "../kernel/errors.ts";
import type { RetryPolicy } from "../kernel/retry.ts";
import { retryContention } from "../kernel/retry.ts";
import type { Stacks } from "../stack/stack.ts";
import type { InstancePool } from "./ports.ts";
import type { TenantStore } from "./tenant-store.ts";
import type { Tenant } from "./tenant.ts";

export interface ChangeAccessDeps {
  readonly tenants: TenantStore;
  readonly instances: InstancePool;
  readonly stacks: Stacks;
  readonly contention: RetryPolicy;
}

/** Suspends or resumes a tenant by id; for operators. */
export type ChangeAccess = (tenantId: string, to: "suspended" | "active") => Promise<Tenant>;

/**
 * Our own store first, so that every check refuses from now on, then the Stack, where open sessions end. The Stack may be
 * down: the call fails with `stack-unavailable`, the tenant stays suspended, and repeating it finishes the work.
 * @throws DomainError `tenant-not-found`, `tenant-not-active`, `stack-unavailable`
 */
export const makeChangeAccess =
  ({ tenants, instances, stacks, contention }: ChangeAccessDeps): ChangeAccess =>
  async (tenantId, to) => {
    const decide = async (): Promise<Tenant> => {
      const one = tenants.forTenant(tenantId);
      const found = await one.read();
      if (found === undefined) throw new DomainError("tenant-not-found", "There is no tenant with this id.");
      if (found.value.status !== "active" && found.value.status !== "suspended") {
        throw new DomainError("tenant-not-active", `The tenant is ${found.value.status}, so its access cannot change.`);
      }
      return to === "active" ? found.value : (await one.replace({ ...found.value, status: to }, found.etag)).value;
    };
    const isContention = (error: unknown): boolean => error instanceof DocumentChanged;
    const tenant = await retryContention(contention, isContention, decide);
    const endpoints = tenant.placement === null ? undefined : await instances.endpoints(tenant.placement);
    if (tenant.placement === null || endpoints === undefined) {
      throw new DomainError("stack-unavailable", "The tenant's Stack has no endpoint at the moment.");
    }
    const { instanceId } = tenant.placement;
    const stack = stacks.at({ instanceId, internalEndpoint: endpoints.internalEndpoint });
    if (to === "suspended") {
      await stack.suspendTenant(tenantId, tenant.namespace);
      return tenant;
    }
    await stack.resumeTenant(tenantId, tenant.namespace);
    return retryContention(contention, isContention, async () => {
      const one = tenants.forTenant(tenantId);
      const found = await one.read();
      if (found?.value.status !== "suspended") return found?.value ?? tenant;
      return (await one.replace({ ...found.value, status: "active" }, found.etag)).value;
    });
  };
