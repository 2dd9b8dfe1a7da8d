import { createHmac, randomBytes } from "node:crypto";

const secretPrefix = "whsec_";
const secretBytes = 32;

/** A secret in the form of Standard Webhooks, which receivers' libraries take as it is. */
export const newWebhookSecret = (): string => `${secretPrefix}${randomBytes(secretBytes).toString("base64")}`;

const signatureOf = (secret: string, id: string, seconds: number, body: string): string => {
  const key = Buffer.from(secret.slice(secretPrefix.length), "base64");
  return `v1,${createHmac("sha256", key).update(`${id}.${seconds}.${body}`).digest("base64")}`;
};

/** Headers of Standard Webhooks (https://www.standardwebhooks.com): the id is the same on every attempt. */
export const webhookHeaders = (
  secret: string,
  id: string,
  seconds: number,
  body: string,
): Readonly<Record<string, string>> => ({
  "content-type": "application/json",
  "webhook-id": id,
  "webhook-timestamp": String(seconds),
  "webhook-signature": signatureOf(secret, id, seconds, body),
});
