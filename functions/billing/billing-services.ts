import { stripeBillingVendor } from "../../shared/adapters/stripe/billing-vendor.ts";
import { stripeReadWebhook } from "../../shared/adapters/stripe/read-webhook.ts";
import { openBillingStore } from "../../shared/billing/billing-store.ts";
import { makeOpenCheckout, makeOpenPortal } from "../../shared/billing/buy-plan.ts";
import { makeEnsureCustomer } from "../../shared/billing/ensure-customer.ts";
import { makeHandleStripeEvent } from "../../shared/billing/handle-stripe-event.ts";
import { gracePolicy, planPrices } from "../../shared/billing/plan-prices.ts";
import { makeCheckDueBilling, makeReconcileBilling } from "../../shared/billing/reconcile-billing.ts";
import { stripeApiKeySecret, stripeWebhookSecret, splitSecrets } from "../../shared/billing/stripe-secrets.ts";
import { makeSyncBilling } from "../../shared/billing/sync-billing.ts";
import type { DocumentStore } from "../../shared/documents/document-store.ts";
import type { RaiseAlert } from "../../shared/events/raise-alert.ts";
import type { Clock } from "../../shared/kernel/clock.ts";
import { DomainError } from "../../shared/kernel/errors.ts";
import type { NewId } from "../../shared/kernel/ids.ts";
import type { Logger } from "../../shared/kernel/logger.ts";
import type { RetryPolicy } from "../../shared/kernel/retry.ts";
import type { SecretStore } from "../../shared/secrets/secret-store.ts";
import type { ChangePlan } from "../../shared/tenants/change-plan.ts";
import type { FindTenant } from "../../shared/tenants/find-tenant.ts";
import type { Settings } from "../config.ts";

interface BillingParts {
  readonly settings: Pick<Settings, "STRIPE_MODE" | "STRIPE_API_URL" | "PUBLIC_BASE_URL">;
  readonly documents: DocumentStore;
  readonly secrets: SecretStore;
  readonly findTenant: FindTenant;
  readonly changePlan: ChangePlan;
  readonly raiseAlert: RaiseAlert;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly contention: RetryPolicy;
  readonly log: Logger;
}

const notConfigured = (): DomainError =>
  new DomainError("billing-not-configured", "This platform sells nothing: no payment provider is configured.");

/** The use cases of billing, wired once. Without STRIPE_MODE they refuse what needs the vendor, and timers rest. */
export const buildBillingServices = (parts: BillingParts) => {
  const { settings, secrets, clock, log } = parts;
  const isConfigured = settings.STRIPE_MODE !== undefined;
  const apiKey = async (): Promise<string> => {
    const key = isConfigured ? await secrets.read(stripeApiKeySecret) : undefined;
    if (key === undefined) throw notConfigured();
    return key;
  };
  const webhookSecrets = async (): Promise<readonly string[]> =>
    isConfigured ? splitSecrets((await secrets.read(stripeWebhookSecret)) ?? "") : [];
  const billing = openBillingStore(parts.documents);
  const vendor = stripeBillingVendor({ apiKey, url: settings.STRIPE_API_URL, clock });
  const deps = { ...parts, billing, vendor, prices: planPrices, grace: gracePolicy };
  const sync = makeSyncBilling(deps);
  const buying = { ...deps, ensureCustomer: makeEnsureCustomer(deps), publicBaseUrl: settings.PUBLIC_BASE_URL };
  const checkDue = makeCheckDueBilling({ ...deps, sync });
  const reconcile = makeReconcileBilling({ ...deps, sync });
  return {
    billing,
    newId: parts.newId,
    isBillingConfigured: isConfigured,
    readStripeWebhook: stripeReadWebhook({ secrets: webhookSecrets, isLive: settings.STRIPE_MODE === "live", clock }),
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
