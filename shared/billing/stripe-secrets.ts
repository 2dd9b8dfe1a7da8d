/** Names of the secrets. The webhook's holds every secret that is valid, one a line: two of them during a rotation. */
export const stripeApiKeySecret = "stripe-api-key";
export const stripeWebhookSecret = "stripe-webhook-secrets";

export const splitSecrets = (text: string): readonly string[] =>
  text
    .split(/\s+/)
    .map((secret) => secret.trim())
    .filter((secret) => secret !== "");
