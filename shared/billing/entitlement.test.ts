import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Plan } from "../tenants/plan.ts";
import type { BillingStatus, Entitlement } from "./entitlement.ts";
import { computeEntitlement, noEntitlement } from "./entitlement.ts";
import { gracePolicy as grace, planPrices as prices } from "./plan-prices.ts";
import type { Subscription } from "./subscription.ts";

const day = (count: number): string => new Date(Date.UTC(2026, 0, 1 + count)).toISOString();
const base: Subscription = {
  ...{ id: "sub_1", status: "active", priceKeys: ["kombify_pro_month"], createdAt: day(0), periodEndsAt: day(30) },
  ...{ trialEndsAt: null, cancelsAt: null, endedAt: null, isEndedUnpaid: false, unpaidSince: null },
};
const decide = (subscriptions: readonly Subscription[], asOf: string, previous: Entitlement = noEntitlement) =>
  computeEntitlement({ account: { isDeleted: false, subscriptions, asOf }, previous, prices, grace });

const owed = { status: "past_due", unpaidSince: day(30) };
const left = { status: "canceled", endedAt: day(30) };
const unpaidEnd = { status: "canceled", endedAt: day(44), isEndedUnpaid: true, unpaidSince: day(30) };

describe("computeEntitlement", () => {
  it.each<[string, Partial<Subscription>, number, BillingStatus, Plan]>([
    ["paid", {}, 1, "active", "pro"],
    ["on trial", { status: "trialing", trialEndsAt: day(14) }, 1, "trialing", "pro"],
    ["to be cancelled", { cancelsAt: day(30) }, 29, "active", "pro"],
    ["just unpaid", owed, 30, "past-due", "pro"],
    ["unpaid for a week", owed, 37, "grace", "pro"],
    ["unpaid for two weeks", owed, 44, "cancelled", "free"],
    ["given up by the vendor", { ...owed, status: "unpaid" }, 31, "grace", "pro"],
    ["cancelled yesterday", left, 31, "grace", "pro"],
    ["cancelled three days ago", left, 33, "cancelled", "free"],
    ["ended unpaid", unpaidEnd, 44, "cancelled", "free"],
    ["never paid", { status: "incomplete" }, 1, "none", "free"],
    ["never paid in time", { status: "incomplete_expired" }, 1, "none", "free"],
  ])("%s", (...[, change, asOf, status, plan]) => {
    expect(decide([{ ...base, ...change }], day(asOf)).entitlement).toMatchObject({ status, plan });
  });

  it.each<[string, Partial<Subscription>, string]>([
    ["an unknown price", { priceKeys: ["kombify_mystery_month"] }, "price-unknown"],
    ["a price without a key", { priceKeys: [null] }, "price-unknown"],
    ["a name of every object", { priceKeys: ["constructor"] }, "price-unknown"],
    ["no item", { priceKeys: [] }, "price-unknown"],
    ["two plans", { priceKeys: ["kombify_pro_month", "kombify_enterprise_month"] }, "price-unknown"],
    ["an unknown status", { status: "dreaming" }, "status-unknown"],
  ])("keeps the plan and tells of %s", (_, change, kind) => {
    for (const plan of ["free", "pro", "enterprise"] as const) {
      const previous: Entitlement = { ...noEntitlement, plan, status: "active" };
      const { entitlement, findings } = decide([{ ...base, ...change }], day(1), previous);
      expect(entitlement.plan).toBe(plan);
      expect(findings.map((finding) => finding.kind)).toEqual([kind]);
    }
  });

  const subscription = fc.record({
    ...{ id: fc.stringMatching(/^sub_[a-z]{1,6}$/), createdAt: fc.integer({ min: 0, max: 60 }).map(day) },
    status: fc.constantFrom(...["active", "trialing", "past_due", "unpaid", "paused", "canceled", "incomplete", "new"]),
    priceKeys: fc.array(fc.constantFrom(...Object.keys(prices.plans), null, "other"), { maxLength: 2 }),
    periodEndsAt: fc.option(fc.integer({ min: 0, max: 90 }).map(day)),
    trialEndsAt: fc.option(fc.integer({ min: 0, max: 90 }).map(day)),
    cancelsAt: fc.constant(null),
    endedAt: fc.option(fc.integer({ min: 0, max: 90 }).map(day)),
    isEndedUnpaid: fc.boolean(),
    unpaidSince: fc.option(fc.integer({ min: 0, max: 90 }).map(day)),
  });
  const several = fc.uniqueArray(subscription, { maxLength: 4, selector: ({ id }) => id });
  const when = fc.integer({ min: 0, max: 120 }).map(day);

  it("does not care about the order, nor about being asked again", () => {
    fc.assert(
      fc.property(several, when, (subscriptions, asOf) => {
        const first = decide(subscriptions, asOf);
        expect(decide([...subscriptions].reverse(), asOf)).toEqual(first);
        expect(decide(subscriptions, asOf, first.entitlement).entitlement.plan).toBe(first.entitlement.plan);
      }),
    );
  });

  it("never gives a plan that no price stands for, and says when it changes by itself", () => {
    fc.assert(
      fc.property(several, when, (subscriptions, asOf) => {
        const { entitlement } = decide(subscriptions, asOf);
        const sold = subscriptions.flatMap(({ priceKeys }) => priceKeys.map((key) => prices.plans[key ?? ""]));
        expect(["free", ...sold]).toContain(entitlement.plan);
        if (entitlement.changesAt !== null) expect(entitlement.changesAt > asOf).toBe(true);
      }),
    );
  });
});
