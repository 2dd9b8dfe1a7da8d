import { z } from "zod";
import { stripeEventTypes, testClockMoved } from "../../billing/event-types.ts";
import type { ReadWebhook, WebhookCall } from "../../billing/ports.ts";
import type { Clock } from "../../kernel/clock.ts";
import { DomainError } from "../../kernel/errors.ts";

export interface ReadWebhookOptions {
  /** All that are valid at the moment: during a rotation the old one and the new one. */
  readonly secrets: () => Promise<readonly string[]>;
  readonly isLive: boolean;
  readonly clock: Clock;
}

const toleranceSeconds = 300;
/** Stripe's client takes any moment of the future; a clock that is off by more than this is not one to trust. */
const futureSecondsMax = 60;
const headerLengthMax = 4096;

const refuse = (cause?: unknown): DomainError =>
  new DomainError("stripe-signature-invalid", "The Stripe-Signature header does not fit the body.", { cause });

/** The one moment of the header. Two of them would let the checks of age and of the signature look at different ones. */
const signedAtSeconds = (header: string): number => {
  const stamps = header.split(",").filter((part) => part.trim().startsWith("t="));
  const seconds = /^t=(\d{1,12})$/.exec(stamps[0]?.trim() ?? "")?.[1];
  if (stamps.length !== 1 || seconds === undefined) throw refuse();
  return Number(seconds);
};

const Envelope = z.object({
  id: z.string().regex(/^evt_\w{1,200}$/),
  object: z.literal("event"),
  type: z.string().min(1).max(200),
  created: z.int().positive().max(99_999_999_999),
  livemode: z.boolean(),
  account: z.string().optional(),
  data: z.object({ object: z.record(z.string(), z.unknown()) }),
});
const CustomerId = z.string().regex(/^cus_\w{1,200}$/);

/** The customer, as an id or in full; of `customer.deleted` it is the object itself. */
const customerOf = (object: Readonly<Record<string, unknown>>): string | undefined => {
  const { customer } = object;
  const inner = z.object({ id: z.unknown() }).safeParse(customer);
  const candidate = object["object"] === "customer" ? object["id"] : inner.success ? inner.data.id : customer;
  const parsed = CustomerId.safeParse(candidate);
  return parsed.success ? parsed.data : undefined;
};

const ignored = (reason: string): WebhookCall => ({ kind: "ignored", reason });

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new DomainError("invalid-input", "The body is not JSON.", { cause });
  }
};

const read = (text: string, isLive: boolean): WebhookCall => {
  const parsed = Envelope.safeParse(parseJson(text));
  if (!parsed.success) throw new DomainError("invalid-input", "The body is not an event of Stripe's API version 1.");
  const { id, type, created, livemode, account, data } = parsed.data;
  if (livemode !== isLive) {
    throw new DomainError(
      "invalid-input",
      `Events of Stripe's ${livemode ? "live mode" : "sandbox"} belong elsewhere.`,
    );
  }
  if (account !== undefined) return ignored("of a connected account");
  const occurredAt = new Date(created * 1000).toISOString();
  if (type === testClockMoved && !isLive) {
    return { kind: "event", event: { source: "stripe", key: id, type, occurredAt, reference: {} } };
  }
  if (!stripeEventTypes.has(type)) return ignored("of a type that changes nothing here");
  const customerId = customerOf(data.object);
  if (customerId === undefined) return ignored("of no customer");
  return { kind: "event", event: { source: "stripe", key: id, type, occurredAt, reference: { customerId } } };
};

/** As Stripe's client checks it (security.md 2.1), with our own bound for the future and any of several secrets. */
export const stripeReadWebhook = ({ secrets, isLive, clock }: ReadWebhookOptions): ReadWebhook => {
  const verify = async (body: Buffer, header: string, secret: string): Promise<boolean> => {
    const { Stripe } = await import("stripe");
    const { signature } = Stripe.webhooks;
    if (signature === null) throw new Error("Stripe's client cannot check signatures here.");
    try {
      const now = clock().getTime();
      return await signature.verifyHeaderAsync(body, header, secret, toleranceSeconds, undefined, now);
    } catch (error) {
      if (error instanceof Stripe.errors.StripeSignatureVerificationError) return false;
      throw error;
    }
  };
  return async (rawBody, header) => {
    if (header === null || header.length > headerLengthMax) throw refuse();
    if (signedAtSeconds(header) > clock().getTime() / 1000 + futureSecondsMax) throw refuse();
    const known = (await secrets()).filter((secret) => secret.trim() !== "");
    // Ours to mend, so Stripe is to try again.
    if (known.length === 0) throw new DomainError("unavailable", "No webhook secret of Stripe is configured.");
    const body = Buffer.from(rawBody);
    for (const secret of known) {
      if (await verify(body, header, secret)) return read(body.toString("utf8"), isLive);
    }
    throw refuse();
  };
};
