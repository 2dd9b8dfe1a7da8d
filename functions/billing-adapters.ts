import { stripeBillingVendor } from "../shared/adapters/stripe/billing-vendor.ts";
import { stripeReadWebhook } from "../shared/adapters/stripe/read-webhook.ts";
import type { BillingVendor, ReadWebhook } from "../shared/billing/ports.ts";
import { splitSecrets, stripeApiKeySecret, stripeWebhookSecret } from "../shared/billing/stripe-secrets.ts";
import { DomainError } from "../shared/kernel/errors.ts";
import type { SecretStore } from "../shared/secrets/secret-store.ts";
import type { Settings } from "./config.ts";

/** Billing's ports on Stripe. Without STRIPE_MODE they refuse: the platform then sells nothing. */
export const openBilling = (
  settings: Settings,
  secrets: SecretStore,
): { readonly billingVendor: BillingVendor; readonly readStripeWebhook: ReadWebhook } => {
  const isConfigured = settings.STRIPE_MODE !== undefined;
  const clock = (): Date => new Date();
  const apiKey = async (): Promise<string> => {
    const key = isConfigured ? await secrets.read(stripeApiKeySecret) : undefined;
    if (key !== undefined) return key;
    throw new DomainError("billing-not-configured", "This platform sells nothing: no payment provider is configured.");
  };
  const webhookSecrets = async (): Promise<readonly string[]> =>
    isConfigured ? splitSecrets((await secrets.read(stripeWebhookSecret)) ?? "") : [];
  return {
    billingVendor: stripeBillingVendor({ apiKey, url: settings.STRIPE_API_URL, clock }),
    readStripeWebhook: stripeReadWebhook({ secrets: webhookSecrets, isLive: settings.STRIPE_MODE === "live", clock }),
  };
};
