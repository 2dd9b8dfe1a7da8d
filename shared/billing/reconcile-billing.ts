import type { RaiseAlert } from "../events/raise-alert.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Logger } from "../kernel/logger.ts";
import type { BillingStore } from "./billing-store.ts";
import type { BillingVendor } from "./ports.ts";
import type { SyncBilling } from "./sync-billing.ts";

interface ReconcileBillingDeps {
  readonly billing: BillingStore;
  readonly vendor: BillingVendor;
  readonly sync: SyncBilling;
  readonly raiseAlert: RaiseAlert;
  readonly clock: Clock;
  readonly log: Logger;
}

const dueMax = 100;
const pagesMax = 200;
/** Then the next run goes on. */
const runMilliseconds = 4 * 60_000;

/** Failures of one tenant keep no other from being looked at; it stays due. */
const attempt = async (log: Logger, tenantId: string, sync: SyncBilling) => {
  try {
    return await sync(tenantId);
  } catch (error) {
    log.warn("A tenant's bill could not be brought up to date; it is tried again.", {
      tenantId,
      reason: error instanceof Error ? error.message : "unknown",
    });
    return "failed" as const;
  }
};

/** Looks at those whose state changes with time, or whose limits the Stack does not have yet. */
export const makeCheckDueBilling =
  ({ billing, sync, clock, log }: ReconcileBillingDeps) =>
  async (): Promise<void> => {
    const end = clock().getTime() + runMilliseconds;
    for (const { tenantId } of await billing.due(clock().toISOString(), dueMax)) {
      if (clock().getTime() >= end) return;
      await attempt(log, tenantId, sync);
    }
  };

export interface Drift {
  /** Tenants of which the vendor said something else than our record. */
  readonly corrected: readonly string[];
  /** The vendor's customers with a subscription whom no tenant has. */
  readonly strangers: readonly string[];
  readonly failed: number;
}

/** Reads every customer with a subscription again. What was not as recorded is put right and reported, once a day. */
export const makeReconcileBilling = (deps: ReconcileBillingDeps) => async (): Promise<Drift> => {
  const corrected: string[] = [];
  const strangers: string[] = [];
  let failed = 0;
  const look = async (customerId: string): Promise<void> => {
    const known = await deps.billing.findByCustomer(customerId);
    if (known === undefined) {
      strangers.push(customerId);
      return;
    }
    const outcome = await attempt(deps.log, known.tenantId, deps.sync);
    if (outcome === "changed") corrected.push(known.tenantId);
    if (outcome === "failed") failed += 1;
  };
  let after: string | undefined;
  for (let page = 0; page < pagesMax; page += 1) {
    const { customerIds, next } = await deps.vendor.listCustomers(after);
    for (const customerId of new Set(customerIds)) await look(customerId);
    after = next;
    if (after === undefined) break;
  }
  if (corrected.length + strangers.length + failed > 0) {
    const day = deps.clock().toISOString().slice(0, 10);
    const data = { corrected, strangers, failed };
    await deps.raiseAlert({ id: `billing-drift-${day}`, type: "billing.drift", data });
  }
  return { corrected, strangers, failed };
};
