import { z } from "zod";
import { Plan } from "../tenants/plan.ts";
import type { GracePolicy, PlanPrices } from "./plan-prices.ts";
import type { CustomerAccount, Subscription } from "./subscription.ts";

/**
 * - `none`: nothing was ever bought, or what was begun was never paid
 * - `trialing` / `active`: the plan is in force
 * - `past-due`: a payment failed and is tried again; the plan stays
 * - `grace`: the plan stays until `graceEndsAt` only
 * - `cancelled`: the plan has ended
 */
export const BillingStatus = z.enum(["none", "trialing", "active", "past-due", "grace", "cancelled"]);
export type BillingStatus = z.infer<typeof BillingStatus>;

/** What a tenant is entitled to. Instants are ISO 8601 in UTC. */
export const Entitlement = z.object({
  plan: Plan,
  status: BillingStatus,
  subscriptionId: z.string().nullable(),
  periodEndsAt: z.string().nullable(),
  trialEndsAt: z.string().nullable(),
  /** When a subscription that was cancelled ends, while it still runs. */
  cancelsAt: z.string().nullable(),
  graceEndsAt: z.string().nullable(),
  /** When this is to be computed again although nothing is heard from the vendor. */
  changesAt: z.string().nullable(),
});
export type Entitlement = z.infer<typeof Entitlement>;

export const noEntitlement: Entitlement = {
  ...{ plan: "free", status: "none", subscriptionId: null, periodEndsAt: null },
  ...{ trialEndsAt: null, cancelsAt: null, graceEndsAt: null, changesAt: null },
};

/** Something an operator must look at. `subject` is the subscription's id. */
export interface Finding {
  readonly kind: "price-unknown" | "status-unknown" | "several-subscriptions";
  readonly subject: string;
}

export interface EntitlementInput {
  readonly account: CustomerAccount;
  /** What the tenant has had so far: kept where the vendor's answer cannot be understood. */
  readonly previous: Entitlement;
  readonly prices: PlanPrices;
  readonly grace: GracePolicy;
}

export interface Decision {
  readonly entitlement: Entitlement;
  readonly findings: readonly Finding[];
}

const dayMilliseconds = 24 * 60 * 60_000;
const addDays = (iso: string, days: number): string => new Date(Date.parse(iso) + days * dayMilliseconds).toISOString();

/** The one plan of all items; undefined for no item, an unknown price or two different plans. */
const planOf = ({ priceKeys }: Subscription, { plans }: PlanPrices): Plan | undefined => {
  const [first, ...others] = priceKeys.map((key) =>
    key !== null && Object.hasOwn(plans, key) ? plans[key] : undefined,
  );
  return others.every((plan) => plan === first) ? first : undefined;
};

type Timing = Pick<Entitlement, "status" | "graceEndsAt" | "changesAt"> & { readonly isEntitled: boolean };

const running = (status: "active" | "trialing"): Timing => ({
  ...{ status, isEntitled: true, graceEndsAt: null, changesAt: null },
});
const ended: Timing = { status: "cancelled", isEntitled: false, graceEndsAt: null, changesAt: null };
const never: Timing = { status: "none", isEntitled: false, graceEndsAt: null, changesAt: null };

const unpaid = (subscription: Subscription, asOf: string, grace: GracePolicy): Timing => {
  // Paused: a trial ended without a means of payment, so nothing was ever owed.
  const pausedSince = subscription.status === "paused" ? subscription.trialEndsAt : null;
  const since = subscription.unpaidSince ?? subscription.endedAt ?? pausedSince ?? subscription.createdAt;
  const pastDueEndsAt = addDays(since, grace.pastDueDays);
  const graceEndsAt = addDays(since, grace.pastDueDays + grace.graceDays);
  if (asOf >= graceEndsAt) return ended;
  const isTried = subscription.status === "past_due" && asOf < pastDueEndsAt;
  return isTried
    ? { status: "past-due", isEntitled: true, graceEndsAt, changesAt: pastDueEndsAt }
    : { status: "grace", isEntitled: true, graceEndsAt, changesAt: graceEndsAt };
};

const cancelled = (subscription: Subscription, asOf: string, grace: GracePolicy): Timing => {
  if (subscription.isEndedUnpaid) return unpaid(subscription, asOf, grace);
  const graceEndsAt = addDays(subscription.endedAt ?? subscription.createdAt, grace.cancelledDays);
  return asOf >= graceEndsAt ? ended : { status: "grace", isEntitled: true, graceEndsAt, changesAt: graceEndsAt };
};

/** Undefined for a status of the vendor that is not known yet. */
const timingOf = (subscription: Subscription, asOf: string, grace: GracePolicy): Timing | undefined => {
  switch (subscription.status) {
    case "active":
    case "trialing":
      return running(subscription.status);
    case "past_due":
    case "unpaid":
    case "paused":
      return unpaid(subscription, asOf, grace);
    case "canceled":
      return cancelled(subscription, asOf, grace);
    // Never paid even once: nothing was granted, so there is nothing to let run out.
    case "incomplete":
    case "incomplete_expired":
      return never;
    default:
      return undefined;
  }
};

/** How much a subscription says about the present: one that runs before one that is owed, that before one that ended. */
const weights: Readonly<Record<string, number>> = {
  ...{ active: 6, trialing: 5, past_due: 4, unpaid: 3, paused: 3, canceled: 1, incomplete: 0, incomplete_expired: 0 },
};
/** A status that is not known may be a running one. */
const weightOfUnknown = 2;
const weightOfLive = 3;
const weightOf = ({ status }: Subscription): number =>
  Object.hasOwn(weights, status) ? (weights[status] ?? weightOfUnknown) : weightOfUnknown;

const byWeight = (left: Subscription, right: Subscription): number =>
  weightOf(right) - weightOf(left) || right.createdAt.localeCompare(left.createdAt) || right.id.localeCompare(left.id);

const factsOf = ({ id, periodEndsAt, trialEndsAt, cancelsAt }: Subscription) => ({
  subscriptionId: id,
  ...{ periodEndsAt, trialEndsAt, cancelsAt },
});

const decideOn = (subscription: Subscription, input: EntitlementInput): Decision => {
  const { account, previous, prices, grace } = input;
  const subject = subscription.id;
  const timing = timingOf(subscription, account.asOf, grace);
  if (timing === undefined) return { entitlement: previous, findings: [{ kind: "status-unknown", subject }] };
  const { isEntitled, ...times } = timing;
  const facts = { ...factsOf(subscription), ...times };
  if (!isEntitled) return { entitlement: { ...facts, plan: "free" }, findings: [] };
  const plan = planOf(subscription, prices);
  if (plan !== undefined) return { entitlement: { ...facts, plan }, findings: [] };
  // Neither silently "enterprise" nor silently "free": what was so far, until an operator has looked.
  return { entitlement: { ...facts, plan: previous.plan }, findings: [{ kind: "price-unknown", subject }] };
};

/**
 * What a customer is entitled to, from the vendor's present state alone (security.md 2.4). Neither the order of the
 * subscriptions nor how often this was asked before makes a difference.
 */
export const computeEntitlement = (input: EntitlementInput): Decision => {
  const sorted = input.account.isDeleted ? [] : [...input.account.subscriptions].sort(byWeight);
  const [best] = sorted;
  if (best === undefined) {
    // A deleted customer's subscriptions were cancelled with it, at once.
    const isOver = input.previous.status !== "none";
    return { entitlement: isOver ? { ...noEntitlement, status: "cancelled" } : noEntitlement, findings: [] };
  }
  const { entitlement, findings } = decideOn(best, input);
  const isSeveral = sorted.filter((subscription) => weightOf(subscription) >= weightOfLive).length > 1;
  const several: readonly Finding[] = isSeveral ? [{ kind: "several-subscriptions", subject: best.id }] : [];
  return { entitlement, findings: [...findings, ...several] };
};
