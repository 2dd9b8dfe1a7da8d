import { openBillingStore } from "../../shared/billing/billing-store.ts";
import { makeOpenCheckout, makeOpenPortal } from "../../shared/billing/buy-plan.ts";
import { makeEnsureCustomer } from "../../shared/billing/ensure-customer.ts";
import { makeHandleStripeEvent } from "../../shared/billing/handle-stripe-event.ts";
import type { BillingVendor, FindOwnTenant, GivePlan, ReadWebhook } from "../../shared/billing/ports.ts";
import { gracePolicy, planPrices } from "../../shared/billing/plan-prices.ts";
import { makeCheckDueBilling, makeReconcileBilling } from "../../shared/billing/reconcile-billing.ts";
import { makeSyncBilling } from "../../shared/billing/sync-billing.ts";
import type { DocumentStore } from "../../shared/documents/document-store.ts";
import type { RaiseAlert } from "../../shared/events/raise-alert.ts";
import type { Clock } from "../../shared/kernel/clock.ts";
import type { NewId } from "../../shared/kernel/ids.ts";
import type { Logger } from "../../shared/kernel/logger.ts";
import type { RetryPolicy } from "../../shared/kernel/retry.ts";
import type { Settings } from "../config.ts";

interface BillingParts {
  readonly settings: Pick<Settings, "STRIPE_MODE" | "PUBLIC_BASE_URL">;
  readonly billingVendor: BillingVendor;
  readonly readStripeWebhook: ReadWebhook;
  readonly documents: DocumentStore;
  readonly findTenant: FindOwnTenant;
  readonly changePlan: GivePlan;
  readonly raiseAlert: RaiseAlert;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly contention: RetryPolicy;
  readonly log: Logger;
}

/** The use cases of billing, wired once. Without STRIPE_MODE they refuse what needs the vendor, and timers rest. */
export const buildBillingServices = (parts: BillingParts) => {
  const { settings, log, billingVendor: vendor } = parts;
  const isConfigured = settings.STRIPE_MODE !== undefined;
  const billing = openBillingStore(parts.documents);
  const deps = { ...parts, billing, vendor, prices: planPrices, grace: gracePolicy };
  const sync = makeSyncBilling(deps);
  const buying = { ...deps, ensureCustomer: makeEnsureCustomer(deps), publicBaseUrl: settings.PUBLIC_BASE_URL };
  const checkDue = makeCheckDueBilling({ ...deps, sync });
  const reconcile = makeReconcileBilling({ ...deps, sync });
  return {
    billing,
    newId: parts.newId,
    isBillingConfigured: isConfigured,
    readStripeWebhook: parts.readStripeWebhook,
    handleStripeEvent: makeHandleStripeEvent({ billing, sync }),
    openCheckout: makeOpenCheckout(buying),
    openPortal: makeOpenPortal(buying),
    checkDueBilling: async () => {
      if (isConfigured) await checkDue();
    },
    reconcileBilling: async () => {
      if (!isConfigured) return;
      const { corrected, strangers, failed } = await reconcile();
      log.info("Bills were compared with the vendor's.", {
        corrected: corrected.length,
        strangers: strangers.length,
        failed,
      });
    },
  };
};
