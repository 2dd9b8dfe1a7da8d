import { DocumentChanged } from "../documents/document-store.ts";
import { DomainError } from "../kernel/errors.ts";
import type { RetryPolicy } from "../kernel/retry.ts";
import { retryContention } from "../kernel/retry.ts";
import type { Stacks } from "../stack/stack.ts";
import type { Plan } from "./plan.ts";
import { stackLimits } from "./plan.ts";
import type { InstancePool } from "./ports.ts";
import type { TenantStore } from "./tenant-store.ts";
import type { Tenant } from "./tenant.ts";

interface ChangePlanDeps {
  readonly tenants: TenantStore;
  readonly instances: InstancePool;
  readonly stacks: Stacks;
  readonly contention: RetryPolicy;
}

/**
 * - `done`: our document and the Stack's row have the plan
 * - `later`: our document has it; the tenant is being set up, so ask again
 * - `no-tenant`: there is no tenant that could have a plan
 */
export type PlanChange = "done" | "later" | "no-tenant";

/**
 * Gives a tenant its plan (contract 2). Idempotent: a repetition finishes what a crash left. No data is ever deleted:
 * what is beyond a smaller plan's limits stays readable, and only nothing can be added.
 * @throws DomainError `stack-unavailable`: repeat it until the Stack has the limits
 */
export type ChangePlan = (tenantId: string, plan: Plan) => Promise<PlanChange>;

const isGone = ({ status }: Tenant): boolean => status === "cancelled" || status === "failed";

/** True when the Stack has the plan's limits; false while there is no row of the tenant yet. */
const writeLimits = async ({ instances, stacks }: ChangePlanDeps, tenant: Tenant): Promise<boolean> => {
  const { placement, tenantId, plan } = tenant;
  if (placement === null || placement.state === "releasing") return false;
  const endpoints = await instances.endpoints(placement);
  if (endpoints === undefined) {
    throw new DomainError("stack-unavailable", "The tenant's Stack has no endpoint at the moment.");
  }
  const { instanceId } = placement;
  const stack = stacks.at({ instanceId, internalEndpoint: endpoints.internalEndpoint });
  return stack.changeLimits({ tenantId, ...stackLimits(plan) });
};

export const makeChangePlan = (deps: ChangePlanDeps): ChangePlan => {
  const isContention = (error: unknown): boolean => error instanceof DocumentChanged;
  const decide = async (tenantId: string, plan: Plan): Promise<Tenant | undefined> => {
    const one = deps.tenants.forTenant(tenantId);
    const found = await one.read();
    if (found === undefined || isGone(found.value)) return undefined;
    return found.value.plan === plan ? found.value : (await one.replace({ ...found.value, plan }, found.etag)).value;
  };
  return async (tenantId, plan) => {
    const tenant = await retryContention(deps.contention, isContention, () => decide(tenantId, plan));
    if (tenant === undefined) return "no-tenant";
    const isWritten = await writeLimits(deps, tenant);
    const isSettled = tenant.status === "active" || tenant.status === "suspended";
    return isWritten && isSettled ? "done" : "later";
  };
};
