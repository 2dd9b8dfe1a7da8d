import { isDeepStrictEqual } from "node:util";
import { DocumentChanged } from "../documents/document-store.ts";
import type { RaiseAlert } from "../events/raise-alert.ts";
import type { Clock } from "../kernel/clock.ts";
import { isoAfter } from "../kernel/clock.ts";
import type { RetryPolicy } from "../kernel/retry.ts";
import { retryContention } from "../kernel/retry.ts";
import type { Billing, BillingStore } from "./billing-store.ts";
import { never } from "./billing-store.ts";
import type { Finding } from "./entitlement.ts";
import { computeEntitlement } from "./entitlement.ts";
import type { GracePolicy, PlanPrices } from "./plan-prices.ts";
import type { BillingVendor, GivePlan } from "./ports.ts";

export interface SyncBillingDeps {
  readonly billing: BillingStore;
  readonly vendor: BillingVendor;
  readonly changePlan: GivePlan;
  readonly raiseAlert: RaiseAlert;
  readonly prices: PlanPrices;
  readonly grace: GracePolicy;
  readonly clock: Clock;
  readonly contention: RetryPolicy;
}

/**
 * Brings a tenant's bill, plan and limits to what the vendor says now. `changed`: our record said something else before.
 * @throws DomainError `billing-unavailable`, `stack-unavailable`: repeat it; a timer does so too
 */
export type SyncBilling = (tenantId: string) => Promise<"changed" | "unchanged">;

const retryMilliseconds = 60_000;

/** Whether two readings mean the same: neither the moment nor anybody's order of members counts. */
const isSame = (one: Billing, other: Billing): boolean =>
  isDeepStrictEqual(
    [one.subscriptions, one.entitlement, one.pricesVersion],
    [other.subscriptions, other.entitlement, other.pricesVersion],
  );

const isContention = (error: unknown): boolean => error instanceof DocumentChanged;

export const makeSyncBilling = (deps: SyncBillingDeps): SyncBilling => {
  const { billing, vendor, changePlan, clock } = deps;

  const tell = (tenantId: string, { kind, subject }: Finding): Promise<void> =>
    deps.raiseAlert({
      id: `billing-${kind}-${subject}-${deps.prices.version}`,
      type: `billing.${kind}`,
      data: { tenantId, subscriptionId: subject },
    });

  /** Ours is read before the vendor's: who read an older state of the vendor loses the race and reads again. */
  const readVendor = async (tenantId: string): Promise<boolean> => {
    const one = billing.forTenant(tenantId);
    const { value: known, etag } = await one.open();
    if (known.customerId === null) return false;
    const account = await vendor.readCustomer(known.customerId);
    const { prices, grace } = deps;
    const decision = computeEntitlement({ account, previous: known.entitlement, prices, grace });
    for (const finding of decision.findings) await tell(tenantId, finding);
    const next: Billing = {
      ...known,
      subscriptions: [...account.subscriptions].sort((left, right) => left.id.localeCompare(right.id)),
      entitlement: decision.entitlement,
      pricesVersion: prices.version,
      asOf: account.asOf,
      // Until plan and limits are known to be in force, the timer is to look again.
      checkAt: isoAfter(clock(), retryMilliseconds),
    };
    if (isSame(next, known)) return false;
    await one.replace(next, etag);
    return true;
  };

  /**
   * The last write is made under the ETag of the state that was put into force: whoever put an older one there notices,
   * and does it again.
   */
  const putIntoForce = (tenantId: string): Promise<void> => {
    let isRepeated = false;
    return retryContention(deps.contention, isContention, async () => {
      const one = billing.forTenant(tenantId);
      const { value, etag } = await one.open();
      const settledAt = value.entitlement.changesAt ?? never;
      if (!isRepeated && value.checkAt === settledAt) return;
      isRepeated = true;
      const change = await changePlan(tenantId, value.entitlement.plan);
      const soon = isoAfter(clock(), retryMilliseconds);
      await one.replace({ ...value, checkAt: change === "later" ? soon : settledAt }, etag);
    });
  };

  return async (tenantId) => {
    const isChanged = await retryContention(deps.contention, isContention, () => readVendor(tenantId));
    await putIntoForce(tenantId);
    return isChanged ? "changed" : "unchanged";
  };
};
