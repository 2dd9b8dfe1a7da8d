/** What can change a plan (security.md 2.3). Others are genuine, and nothing to us. */
export const stripeEventTypes: ReadonlySet<string> = new Set([
  "checkout.session.completed",
  "checkout.session.async_payment_succeeded",
  "checkout.session.async_payment_failed",
  "checkout.session.expired",
  "customer.subscription.created",
  "customer.subscription.updated",
  "customer.subscription.deleted",
  "customer.subscription.paused",
  "customer.subscription.resumed",
  "customer.subscription.trial_will_end",
  "customer.subscription.pending_update_applied",
  "customer.subscription.pending_update_expired",
  "invoice.paid",
  "invoice.payment_failed",
  "invoice.payment_action_required",
  "invoice.finalization_failed",
  "customer.deleted",
  "entitlements.active_entitlement_summary.updated",
]);

/** Sandbox only: time has moved for customers on a test clock, so what ends by itself may have ended. */
export const testClockMoved = "test_helpers.test_clock.ready";
