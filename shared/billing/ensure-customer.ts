import { DocumentChanged } from "../documents/document-store.ts";
import type { RetryPolicy } from "../kernel/retry.ts";
import { retryContention } from "../kernel/retry.ts";
import type { BillingStore } from "./billing-store.ts";
import type { BillingVendor } from "./ports.ts";

interface EnsureCustomerDeps {
  readonly billing: BillingStore;
  readonly vendor: BillingVendor;
  readonly contention: RetryPolicy;
}

/** The vendor's customer of a tenant, made when there is none. */
export type EnsureCustomer = (tenantId: string, name: string) => Promise<string>;

/**
 * One customer per tenant, however many ask at once: all of them use the same idempotency key, and the document keeps
 * the answer. A customer that was deleted at the vendor is replaced under the next number.
 */
export const makeEnsureCustomer =
  ({ billing, vendor, contention }: EnsureCustomerDeps): EnsureCustomer =>
  (tenantId, name) => {
    const attempt = async (): Promise<string> => {
      const one = billing.forTenant(tenantId);
      const { value, etag } = await one.open();
      if (value.customerId !== null && !(await vendor.readCustomer(value.customerId)).isDeleted) {
        return value.customerId;
      }
      const customerCount = value.customerCount + 1;
      const customerId = await vendor.createCustomer(tenantId, name, `customer-${tenantId}-${customerCount}`);
      await one.replace({ ...value, customerId, customerCount }, etag);
      return customerId;
    };
    return retryContention(contention, (error) => error instanceof DocumentChanged, attempt);
  };
