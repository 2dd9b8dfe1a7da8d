import type { IncomingEvent } from "../events/accept-event.ts";
import type { Caller } from "../gateway/caller.ts";
import type { Plan } from "../tenants/plan.ts";
import type { Tenant } from "../tenants/tenant.ts";
import type { CustomerAccount } from "./subscription.ts";

/** A page of the vendor to which the person is sent. */
export interface HostedPage {
  readonly url: string;
}

export interface CheckoutRequest {
  readonly customerId: string;
  readonly tenantId: string;
  /** Lookup key of the price. */
  readonly priceKey: string;
  readonly successUrl: string;
  readonly cancelUrl: string;
  readonly idempotencyKey: string;
}

/**
 * The billing vendor. Every call is bounded and may be repeated.
 * @throws DomainError `billing-unavailable` when the vendor does not answer or refuses
 */
export interface BillingVendor {
  /** All that is known of a customer; one the vendor does not know counts as deleted. */
  readCustomer(customerId: string): Promise<CustomerAccount>;
  /** The same key gives the same customer. */
  createCustomer(tenantId: string, name: string, idempotencyKey: string): Promise<string>;
  openCheckout(request: CheckoutRequest): Promise<HostedPage>;
  openPortal(customerId: string, returnUrl: string): Promise<HostedPage>;
  /** Customers of all subscriptions in any state, a page at a time; `next` is undefined at the end. */
  listCustomers(after?: string): Promise<{ readonly customerIds: readonly string[]; readonly next?: string }>;
}

/** What a call to the webhook turned out to be. `ignored`: genuine, but nothing we act on. */
export type WebhookCall =
  { readonly kind: "event"; readonly event: IncomingEvent } | { readonly kind: "ignored"; readonly reason: string };

/**
 * Checks a call to the webhook by its raw bytes and reads what it is about.
 * @throws DomainError `stripe-signature-invalid`, `invalid-input`; `unavailable` when no secret is configured
 */
export type ReadWebhook = (rawBody: Uint8Array, signature: string | null) => Promise<WebhookCall>;

/** The caller's own tenant. @throws DomainError `tenant-not-found`, `organisation-missing` */
export type FindOwnTenant = (caller: Caller) => Promise<{ readonly tenant: Tenant }>;

/**
 * Gives a tenant its plan, in our document and on its Stack; safe to repeat. `later`: the tenant is being set up, so ask
 * again. @throws DomainError `stack-unavailable`: repeat it until the Stack has the limits
 */
export type GivePlan = (tenantId: string, plan: Plan) => Promise<"done" | "later" | "no-tenant">;
