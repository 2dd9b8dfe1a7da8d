import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startStripe } from "../../local/stripe/server.ts";
import { testContention as contention } from "../../tests/support/builders.ts";
import { sqliteDocumentStore } from "../adapters/sqlite/document-store.ts";
import { stripeBillingVendor } from "../adapters/stripe/billing-vendor.ts";
import type { RaiseAlert } from "../events/raise-alert.ts";
import type { Plan } from "../tenants/plan.ts";
import { openBillingStore } from "./billing-store.ts";
import { makeEnsureCustomer } from "./ensure-customer.ts";
import { gracePolicy as grace, planPrices as prices } from "./plan-prices.ts";
import { makeReconcileBilling } from "./reconcile-billing.ts";
import { makeSyncBilling } from "./sync-billing.ts";

const apiKey = "sk_test_0123456789abcdef";
let directory: string;
let stripe: Awaited<ReturnType<typeof startStripe>>;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "kombify-stripe-"));
  // Nobody listens there: no webhook ever arrives, which is what reconciliation is for.
  const webhook = { url: "http://127.0.0.1:9/", secret: "whsec_0123456789abcdef" };
  stripe = await startStripe({ port: 0, dataDirectory: directory, apiKey, webhook });
});
afterAll(async () => {
  await stripe.stop();
  await rm(directory, { recursive: true, force: true });
});

const aPlatform = () => {
  const clock = () => new Date();
  const billing = openBillingStore(sqliteDocumentStore(":memory:"));
  const vendor = stripeBillingVendor({ apiKey: () => Promise.resolve(apiKey), url: stripe.url, clock });
  const plans = new Map<string, Plan>();
  const alerts: Parameters<RaiseAlert>[0][] = [];
  let isBroken = false;
  const raiseAlert: RaiseAlert = (alert) => Promise.resolve(void alerts.push(alert));
  const sync = makeSyncBilling({
    ...{ billing, vendor, prices, grace, clock, contention, raiseAlert },
    changePlan: (tenantId, plan) => {
      if (isBroken) return Promise.reject(new Error("The Stack is away."));
      plans.set(tenantId, plan);
      return Promise.resolve("done");
    },
  });
  const warnings: string[] = [];
  const log = { info: () => undefined, error: () => undefined, warn: (text: string) => void warnings.push(text) };
  const reconcile = makeReconcileBilling({ billing, vendor, sync, raiseAlert, clock, log });
  const buy = async (tenantId: string): Promise<void> => {
    const customerId = await makeEnsureCustomer({ billing, vendor, contention })(tenantId, tenantId);
    const { url } = await vendor.openCheckout({
      ...{ customerId, tenantId, priceKey: "kombify_pro_month", idempotencyKey: `buy-${tenantId}` },
      ...{ successUrl: "http://localhost/yes", cancelUrl: "http://localhost/no" },
    });
    await fetch(url, { method: "POST", body: new URLSearchParams({ action: "pay" }), redirect: "manual" });
  };
  return { plans, alerts, warnings, reconcile, buy, breakStacks: (isWanted: boolean) => (isBroken = isWanted) };
};

test("what no webhook told is found at night, put right and reported once; nothing is reported when all is well", async () => {
  const { plans, alerts, reconcile, buy } = aPlatform();
  await buy("t-lost-1");
  await buy("t-lost-2");
  expect(plans.size).toBe(0);
  const drift = await reconcile();
  expect(drift.corrected.toSorted()).toEqual(["t-lost-1", "t-lost-2"]);
  expect(plans).toEqual(new Map([...drift.corrected].map((tenantId) => [tenantId, "pro"])));
  expect(alerts).toMatchObject([{ type: "billing.drift", data: { corrected: drift.corrected, failed: 0 } }]);
  const again = await reconcile();
  expect([again.corrected, again.failed]).toEqual([[], 0]);
});

test("a customer whom no tenant has is named, and one tenant's failure keeps no other from being put right", async () => {
  const stranger = aPlatform();
  await stranger.buy("t-stranger");
  const { plans, alerts, warnings, reconcile, buy, breakStacks } = aPlatform();
  await buy("t-behind");
  breakStacks(true);
  const failed = await reconcile();
  expect(failed.failed).toBe(1);
  expect(failed.strangers.length).toBeGreaterThanOrEqual(1);
  expect(warnings).toHaveLength(1);
  breakStacks(false);
  await reconcile();
  expect(plans.get("t-behind")).toBe("pro");
  expect(alerts[0]).toMatchObject({ type: "billing.drift", data: { failed: 1 } });
});
