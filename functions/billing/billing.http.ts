import type { BillingStore } from "../../shared/billing/billing-store.ts";
import { describeNext } from "../../shared/billing/describe-next.ts";
import { planPrices } from "../../shared/billing/plan-prices.ts";
import type { FindOwnTenant } from "../../shared/billing/ports.ts";
import { planLimits } from "../../shared/tenants/plan.ts";
import type { HttpFunction } from "../http/http-function.ts";
import { json } from "../http/http-function.ts";
import type { ReadCaller } from "../http/read-caller.ts";

interface Deps {
  readonly readCaller: ReadCaller;
  readonly findTenant: FindOwnTenant;
  readonly billing: BillingStore;
  readonly isBillingConfigured: boolean;
}

/**
 * `GET /api/billing`: `{isAvailable, mayChange, plan, limits, status, periodEndsAt, trialEndsAt, cancelsAt, graceEndsAt,
 * next, hasCustomer, offers}`. `plan` is the one in force; `isAvailable` is false where no vendor is configured.
 */
export const getBillingHttp = ({ readCaller, findTenant, billing, isBillingConfigured }: Deps): HttpFunction => ({
  name: "get-billing",
  method: "GET",
  route: "api/billing",
  access: "gateway",
  handler: async (request) => {
    const caller = await readCaller(request);
    const { tenant } = await findTenant(caller);
    const one = billing.forTenant(tenant.tenantId);
    const { changesAt: _changesAt, subscriptionId: _subscriptionId, ...entitlement } = await one.read();
    return json(200, {
      ...entitlement,
      isAvailable: isBillingConfigured,
      mayChange: caller.isOrganisationAdmin,
      plan: tenant.plan,
      limits: planLimits[tenant.plan],
      next: describeNext(entitlement),
      hasCustomer: ((await one.find())?.customerId ?? null) !== null,
      offers: Object.keys(planPrices.offers),
    });
  },
});
