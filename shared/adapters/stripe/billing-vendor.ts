import type { Stripe } from "stripe";
import type { BillingVendor } from "../../billing/ports.ts";
import { DomainError } from "../../kernel/errors.ts";
import type { Clock } from "../../kernel/clock.ts";
import { toSubscription } from "./subscription.ts";

export interface StripeOptions {
  /** Asked for with every call until it is there: it can be rotated without a restart. */
  readonly apiKey: () => Promise<string>;
  /** Only for a stand-in on this machine. */
  readonly url?: string | undefined;
  /** For one attempt. Default 10,000. */
  readonly timeoutMilliseconds?: number;
  readonly clock: Clock;
}

/** The SDK is loaded when it is first asked for: most workers never are. */
const connect = async (apiKey: string, { url, timeoutMilliseconds = 10_000 }: StripeOptions): Promise<Stripe> => {
  const { Stripe: Client } = await import("stripe");
  const at = url === undefined ? undefined : new URL(url);
  return new Client(apiKey, {
    timeout: timeoutMilliseconds,
    maxNetworkRetries: 2,
    telemetry: false,
    ...(at === undefined
      ? {}
      : { host: at.hostname, port: at.port, protocol: at.protocol === "https:" ? "https" : "http" }),
  });
};

/** What Stripe says of itself goes to the log as a cause; callers learn only that it did not work. */
const unavailable = (cause: unknown): DomainError =>
  new DomainError("billing-unavailable", "The payment provider does not answer as it should at the moment.", { cause });

const isMissing = (error: unknown): boolean =>
  error instanceof Error && "code" in error && error.code === "resource_missing";

const subscriptionsMax = 100;

const asOfOf = async (stripe: Stripe, customer: Stripe.Customer, clock: Clock): Promise<string> => {
  const { test_clock: testClock } = customer;
  if (testClock === null || testClock === undefined) return clock().toISOString();
  const { frozen_time: seconds } =
    typeof testClock === "string" ? await stripe.testHelpers.testClocks.retrieve(testClock) : testClock;
  return new Date(seconds * 1000).toISOString();
};

const readCustomer = async (stripe: Stripe, customerId: string, clock: Clock) => {
  const gone = { isDeleted: true, subscriptions: [], asOf: clock().toISOString() };
  try {
    const customer = await stripe.customers.retrieve(customerId);
    if (customer.deleted === true) return gone;
    const { data } = await stripe.subscriptions.list({
      ...{ customer: customerId, status: "all", limit: subscriptionsMax },
      expand: ["data.latest_invoice"],
    });
    const asOf = await asOfOf(stripe, customer, clock);
    return { isDeleted: false, subscriptions: data.map(toSubscription), asOf };
  } catch (error) {
    if (isMissing(error)) return gone;
    throw error;
  }
};

const priceIdOf = async (stripe: Stripe, key: string): Promise<string> => {
  const { data } = await stripe.prices.list({ lookup_keys: [key], active: true, limit: 1 });
  const [price] = data;
  if (price === undefined) throw new Error(`Stripe has no active price with the lookup key ${key}.`);
  return price.id;
};

const urlOf = ({ url }: { readonly url: string | null }): { readonly url: string } => {
  if (url === null) throw new Error("Stripe gave the session no address.");
  return { url };
};

/** Stripe through its own client: bounded attempts, its own retries with the same idempotency key. */
export const stripeBillingVendor = (options: StripeOptions): BillingVendor => {
  let connected: { readonly key: string; readonly stripe: Stripe } | undefined;
  const call = async <T>(ask: (stripe: Stripe) => Promise<T>): Promise<T> => {
    const key = await options.apiKey();
    if (connected?.key !== key) connected = { key, stripe: await connect(key, options) };
    try {
      return await ask(connected.stripe);
    } catch (error) {
      throw unavailable(error);
    }
  };
  return {
    readCustomer: (customerId) => call((stripe) => readCustomer(stripe, customerId, options.clock)),
    createCustomer: (tenantId, name, idempotencyKey) =>
      call(async (stripe) => (await stripe.customers.create({ name, metadata: { tenantId } }, { idempotencyKey })).id),
    openCheckout: ({ customerId, tenantId, priceKey, successUrl, cancelUrl, idempotencyKey }) =>
      call(async (stripe) => {
        const price = await priceIdOf(stripe, priceKey);
        const session = await stripe.checkout.sessions.create(
          {
            ...{ mode: "subscription", customer: customerId, client_reference_id: tenantId },
            line_items: [{ price, quantity: 1 }],
            ...{ success_url: successUrl, cancel_url: cancelUrl },
          },
          { idempotencyKey },
        );
        return urlOf(session);
      }),
    openPortal: (customer, returnUrl) =>
      call(async (stripe) => urlOf(await stripe.billingPortal.sessions.create({ customer, return_url: returnUrl }))),
    listCustomers: (after) =>
      call(async (stripe) => {
        const page = await stripe.subscriptions.list({
          ...{ status: "all", limit: subscriptionsMax },
          ...(after === undefined ? {} : { starting_after: after }),
        });
        const customerIds = page.data.map(({ customer }) => (typeof customer === "string" ? customer : customer.id));
        const last = page.data.at(-1)?.id;
        return page.has_more && last !== undefined ? { customerIds, next: last } : { customerIds };
      }),
  };
};
