import type { HandleEvent } from "../events/handle-event.ts";
import type { BillingStore } from "./billing-store.ts";
import { never } from "./billing-store.ts";
import { testClockMoved } from "./event-types.ts";
import type { SyncBilling } from "./sync-billing.ts";

/** A sandbox has no more customers than that whose plan is about to end. */
const pendingMax = 100;

interface HandleStripeEventDeps {
  readonly billing: Pick<BillingStore, "findByCustomer" | "due">;
  readonly sync: SyncBilling;
}

/** Whatever has happened to a customer of ours, the vendor's present state is what counts; strangers are ignored. */
export const makeHandleStripeEvent =
  ({ billing, sync }: HandleStripeEventDeps): HandleEvent =>
  async ({ reference, type }) => {
    if (type === testClockMoved) {
      for (const { tenantId } of await billing.due(never, pendingMax)) await sync(tenantId);
      return "done";
    }
    const { customerId } = reference;
    const known = customerId === undefined ? undefined : await billing.findByCustomer(customerId);
    if (known === undefined) return "ignored";
    await sync(known.tenantId);
    return "done";
  };
