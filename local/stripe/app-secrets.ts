import { fileSecretStore } from "../../shared/adapters/files/secret-store.ts";
import { stripeApiKeySecret, stripeWebhookSecret } from "../../shared/billing/stripe-secrets.ts";

/** Puts what Stripe would have handed out where the app looks for it. */
export const storeStripeSecrets = async (directory: string, keys: { stripeApi: string; stripeWebhook: string }) => {
  const secrets = fileSecretStore(directory);
  const wanted = { [stripeApiKeySecret]: keys.stripeApi, [stripeWebhookSecret]: keys.stripeWebhook };
  for (const [name, value] of Object.entries(wanted)) {
    if ((await secrets.read(name)) === value) continue;
    await secrets.remove(name);
    await secrets.createIfAbsent(name, value);
  }
};
