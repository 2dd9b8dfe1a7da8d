import type { Caller } from "../gateway/caller.ts";
import { DomainError } from "../kernel/errors.ts";
import type { Tenant } from "../tenants/tenant.ts";
import type { BillingStore } from "./billing-store.ts";
import type { EnsureCustomer } from "./ensure-customer.ts";
import type { BillingInterval, PaidPlan, PlanPrices } from "./plan-prices.ts";
import type { BillingVendor, FindOwnTenant, HostedPage } from "./ports.ts";

interface BuyPlanDeps {
  readonly billing: BillingStore;
  readonly vendor: BillingVendor;
  readonly ensureCustomer: EnsureCustomer;
  readonly findTenant: FindOwnTenant;
  readonly prices: PlanPrices;
  readonly publicBaseUrl: string;
}

export interface Purchase {
  readonly plan: PaidPlan;
  readonly interval: BillingInterval;
  /** The caller's: the same one finds the page that was made by it. */
  readonly idempotencyKey: string;
}

export type OpenCheckout = (caller: Caller, purchase: Purchase) => Promise<HostedPage>;
export type OpenPortal = (caller: Caller) => Promise<HostedPage>;

/** @throws DomainError `forbidden` unless the caller administers the own organisation */
const requireAdmin = (caller: Caller): void => {
  if (!caller.isOrganisationAdmin) {
    throw new DomainError("forbidden", "Only an administrator of your organisation can change what it pays for.");
  }
};

const findOwn = async ({ findTenant }: BuyPlanDeps, caller: Caller): Promise<Tenant> => {
  requireAdmin(caller);
  return (await findTenant(caller)).tenant;
};

/** Where a second subscription would be paid beside the first. */
const running: readonly string[] = ["active", "trialing", "past_due", "unpaid", "paused"];

/**
 * The vendor's page where a plan is bought. Coming back from it proves nothing: the plan changes by the vendor's word.
 * @throws DomainError `forbidden`, `tenant-not-found`, `billing-subscription-exists`, `billing-unavailable`
 */
export const makeOpenCheckout =
  (deps: BuyPlanDeps): OpenCheckout =>
  async (caller, { plan, interval, idempotencyKey }) => {
    const { tenantId, name } = await findOwn(deps, caller);
    const customerId = await deps.ensureCustomer(tenantId, name);
    const { subscriptions } = await deps.vendor.readCustomer(customerId);
    if (subscriptions.some(({ status }) => running.includes(status))) {
      throw new DomainError(
        "billing-subscription-exists",
        "Your organisation has a subscription already. Change it with POST /api/billing/portal.",
      );
    }
    return deps.vendor.openCheckout({
      ...{ customerId, tenantId, priceKey: deps.prices.offers[plan][interval] },
      successUrl: `${deps.publicBaseUrl}/?billing=bought`,
      cancelUrl: `${deps.publicBaseUrl}/?billing=left`,
      idempotencyKey: `checkout-${tenantId}-${plan}-${interval}-${idempotencyKey}`,
    });
  };

/**
 * The vendor's page for changing, paying and cancelling.
 * @throws DomainError `forbidden`, `tenant-not-found`, `billing-nothing-bought`, `billing-unavailable`
 */
export const makeOpenPortal =
  (deps: BuyPlanDeps): OpenPortal =>
  async (caller) => {
    const { tenantId } = await findOwn(deps, caller);
    const customerId = (await deps.billing.forTenant(tenantId).find())?.customerId ?? undefined;
    if (customerId === undefined) {
      throw new DomainError("billing-nothing-bought", "Your organisation has not bought anything yet.");
    }
    return deps.vendor.openPortal(customerId, `${deps.publicBaseUrl}/`);
  };
