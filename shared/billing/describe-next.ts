import type { Entitlement } from "./entitlement.ts";

const dayOf = (iso: string | null): string => (iso === null ? "a day not known yet" : iso.slice(0, 10));

type Described = Omit<Entitlement, "changesAt" | "subscriptionId">;

/** What happens next, as a sentence for the person who pays; days are in UTC. */
export const describeNext = (entitlement: Described): string => {
  const { status, plan, cancelsAt, trialEndsAt, periodEndsAt, graceEndsAt } = entitlement;
  switch (status) {
    case "none":
      return "Nothing has been bought.";
    case "trialing":
      return cancelsAt === null
        ? `The trial ends on ${dayOf(trialEndsAt)}; then the ${plan} plan is charged.`
        : `The trial ends on ${dayOf(cancelsAt)} and is not charged.`;
    case "active":
      return cancelsAt === null
        ? `The ${plan} plan renews on ${dayOf(periodEndsAt)}.`
        : `The ${plan} plan is cancelled and ends on ${dayOf(cancelsAt)}. Nothing is deleted.`;
    case "past-due":
      return `The last payment failed and is tried again. Without it the ${plan} plan ends on ${dayOf(graceEndsAt)}.`;
    case "grace":
      return `The ${plan} plan ends on ${dayOf(graceEndsAt)} unless it is paid again. Nothing is deleted.`;
    case "cancelled":
      return "The plan has ended. All data is kept; nothing can be added beyond the free plan.";
  }
};
