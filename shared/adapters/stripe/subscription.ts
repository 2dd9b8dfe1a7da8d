import type { Stripe } from "stripe";
import type { Subscription } from "../../billing/subscription.ts";

const isoOf = (epochSeconds: number): string => new Date(epochSeconds * 1000).toISOString();
const isoOrNull = (epochSeconds: number | null | undefined): string | null =>
  epochSeconds === null || epochSeconds === undefined ? null : isoOf(epochSeconds);

/** The latest invoice is asked for in full; unpaid, it tells since when money is owed. */
const unpaidSince = ({ latest_invoice: invoice, status }: Stripe.Subscription): string | null => {
  if (invoice === null || typeof invoice === "string") return null;
  const isOwed = invoice.status === "open" || invoice.status === "uncollectible";
  return isOwed && status !== "active" && status !== "trialing" ? isoOf(invoice.created) : null;
};

/** The period's end is the items' since API version 2025-03-31; the earliest is when something is due. */
const periodEnd = ({ items }: Stripe.Subscription): string | null => {
  const ends = items.data.map(({ current_period_end: end }) => end);
  return ends.length === 0 ? null : isoOf(Math.min(...ends));
};

/** A subscription of the vendor (expanded: items.data.price, latest_invoice), as the billing room knows it. */
export const toSubscription = (subscription: Stripe.Subscription): Subscription => ({
  id: subscription.id,
  status: subscription.status,
  priceKeys: subscription.items.data.map(({ price }) => price.lookup_key),
  createdAt: isoOf(subscription.created),
  periodEndsAt: periodEnd(subscription),
  trialEndsAt: isoOrNull(subscription.trial_end),
  cancelsAt:
    subscription.ended_at === null
      ? (isoOrNull(subscription.cancel_at) ?? (subscription.cancel_at_period_end ? periodEnd(subscription) : null))
      : null,
  endedAt: isoOrNull(subscription.ended_at),
  isEndedUnpaid: subscription.cancellation_details?.reason === "payment_failed",
  unpaidSince: unpaidSince(subscription),
});
