import type { Plan } from "../tenants/plan.ts";

/** What is sold: a plan, paid every month or every year. `free` is what remains without a subscription. */
export type PaidPlan = Exclude<Plan, "free">;
export type BillingInterval = "month" | "year";

export interface PlanPrices {
  /** Raised with every change, and kept with every decision made by it. */
  readonly version: number;
  /** Stripe's price lookup keys. A key stays when the price behind it changes (`transfer_lookup_key`). */
  readonly plans: Readonly<Record<string, PaidPlan>>;
  /** What the checkout offers. */
  readonly offers: Readonly<Record<PaidPlan, Readonly<Record<BillingInterval, string>>>>;
}

/** Never branch on ids of prices or names of products: they differ between Stripe's sandbox and live mode. */
export const planPrices: PlanPrices = {
  version: 1,
  plans: {
    kombify_pro_month: "pro",
    kombify_pro_year: "pro",
    kombify_enterprise_month: "enterprise",
    kombify_enterprise_year: "enterprise",
  },
  offers: {
    pro: { month: "kombify_pro_month", year: "kombify_pro_year" },
    enterprise: { month: "kombify_enterprise_month", year: "kombify_enterprise_year" },
  },
};

/** How long a plan outlasts its payment, in days. */
export interface GracePolicy {
  /** The vendor still tries to collect. */
  readonly pastDueDays: number;
  /** After that, until the plan ends. */
  readonly graceDays: number;
  /** From the end of a cancelled subscription, so that there is time to take data out or to come back. */
  readonly cancelledDays: number;
}

export const gracePolicy: GracePolicy = { pastDueDays: 7, graceDays: 7, cancelledDays: 3 };
