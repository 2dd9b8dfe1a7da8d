import { DocumentChanged } from "../documents/document-store.ts";
import { DomainError } from "../kernel/errors.ts";
import type { RetryPolicy } from "../kernel/retry.ts";
import { retryContention } from "../kernel/retry.ts";
import type { Stack, Stacks } from "../stack/stack.ts";
import type { InstancePool } from "./ports.ts";
import type { TenantStore } from "./tenant-store.ts";
import type { Suspender, Tenant } from "./tenant.ts";
import { suspendersOf } from "./tenant.ts";

export interface ChangeAccessDeps {
  readonly tenants: TenantStore;
  readonly instances: InstancePool;
  readonly stacks: Stacks;
  readonly contention: RetryPolicy;
}

/** Suspends or resumes a tenant by id. Whoever suspended it lifts only the own reason; an operator is the default. */
export type ChangeAccess = (tenantId: string, to: "suspended" | "active", by?: Suspender) => Promise<Tenant>;

/** On its way to being active: nobody can be in it yet, and a reason is kept for when it is. */
const isComing = ({ status }: Tenant): boolean => status === "waiting" || status === "provisioning";

const withReason = (tenant: Tenant, by: Suspender): Tenant => {
  const suspendedBy = [...new Set([...suspendersOf(tenant), by])].sort();
  return { ...tenant, suspendedBy, status: isComing(tenant) ? tenant.status : "suspended" };
};

const withoutReason = (tenant: Tenant, by: Suspender): Tenant => {
  const suspendedBy = suspendersOf(tenant).filter((reason) => reason !== by);
  const isOver = tenant.status === "suspended" && suspendedBy.length === 0;
  return { ...tenant, suspendedBy, status: isOver ? "active" : tenant.status };
};

const isSame = (one: Tenant, other: Tenant): boolean =>
  one.status === other.status && one.suspendedBy.join() === other.suspendedBy.join();

const refuseOthers = (tenant: Tenant, by: Suspender): void => {
  if (tenant.status === "active" || tenant.status === "suspended") return;
  if (isComing(tenant) && by !== "operator") return;
  throw new DomainError("tenant-not-active", `The tenant is ${tenant.status}, so its access cannot change.`);
};

/**
 * Our own store first, so that every check refuses from now on, then the Stack, where open sessions end. The Stack may be
 * down: the call fails with `stack-unavailable`, the tenant stays suspended, and repeating it finishes the work.
 * @throws DomainError `tenant-not-found`, `tenant-not-active`, `stack-unavailable`
 */
export const makeChangeAccess = ({ tenants, instances, stacks, contention }: ChangeAccessDeps): ChangeAccess => {
  const change = (tenantId: string, by: Suspender, decide: (tenant: Tenant) => Tenant): Promise<Tenant> =>
    retryContention(
      contention,
      (error) => error instanceof DocumentChanged,
      async () => {
        const one = tenants.forTenant(tenantId);
        const found = await one.read();
        if (found === undefined) throw new DomainError("tenant-not-found", "There is no tenant with this id.");
        refuseOthers(found.value, by);
        const wanted = decide(found.value);
        return isSame(found.value, wanted) ? found.value : (await one.replace(wanted, found.etag)).value;
      },
    );
  const stackOf = async ({ placement }: Tenant): Promise<Stack> => {
    const endpoints = placement === null ? undefined : await instances.endpoints(placement);
    if (placement === null || endpoints === undefined) {
      throw new DomainError("stack-unavailable", "The tenant's Stack has no endpoint at the moment.");
    }
    return stacks.at({ instanceId: placement.instanceId, internalEndpoint: endpoints.internalEndpoint });
  };
  const suspend = async (tenantId: string, by: Suspender): Promise<Tenant> => {
    const tenant = await change(tenantId, by, (current) => withReason(current, by));
    if (!isComing(tenant)) await (await stackOf(tenant)).suspendTenant(tenantId, tenant.namespace);
    return tenant;
  };
  const resume = async (tenantId: string, by: Suspender): Promise<Tenant> => {
    // A reason that goes while others stay changes nothing for the tenant's people; the last one goes after the Stack's.
    const isLast = (tenant: Tenant): boolean => withoutReason(tenant, by).suspendedBy.length === 0;
    const keepLast = (tenant: Tenant): Tenant =>
      isLast(tenant) && tenant.status === "suspended" ? tenant : withoutReason(tenant, by);
    const tenant = await change(tenantId, by, keepLast);
    if (!isLast(tenant) || isComing(tenant)) return tenant;
    const stack = await stackOf(tenant);
    await stack.resumeTenant(tenantId, tenant.namespace);
    const resumed = await change(tenantId, by, (current) => withoutReason(current, by));
    // Somebody else's reason came while the Stack was opening its doors.
    if (resumed.status === "suspended") await stack.suspendTenant(tenantId, resumed.namespace);
    return resumed;
  };
  return (tenantId, to, by = "operator") => (to === "suspended" ? suspend(tenantId, by) : resume(tenantId, by));
};
