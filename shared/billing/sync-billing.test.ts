import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startStripe } from "../../local/stripe/server.ts";
import { testContention as contention } from "../../tests/support/builders.ts";
import { sqliteDocumentStore } from "../adapters/sqlite/document-store.ts";
import { stripeBillingVendor } from "../adapters/stripe/billing-vendor.ts";
import type { Plan } from "../tenants/plan.ts";
import { openBillingStore } from "./billing-store.ts";
import { makeEnsureCustomer } from "./ensure-customer.ts";
import { gracePolicy as grace, planPrices as prices } from "./plan-prices.ts";
import { makeSyncBilling } from "./sync-billing.ts";

const apiKey = "sk_test_0123456789abcdef";
const clock = () => new Date();
let directory: string;
let stripe: Awaited<ReturnType<typeof startStripe>>;

const post = async (path: string, body: unknown): Promise<unknown> => {
  const headers = { "content-type": "application/json" };
  return (await fetch(`${stripe.url}${path}`, { method: "POST", headers, body: JSON.stringify(body) })).json();
};
const click = (url: string, action: string) =>
  fetch(url, { method: "POST", body: new URLSearchParams({ action }), redirect: "manual" });

const aBilling = () => {
  const billing = openBillingStore(sqliteDocumentStore(":memory:"));
  const vendor = stripeBillingVendor({ apiKey: () => Promise.resolve(apiKey), url: stripe.url, clock });
  const plans = new Map<string, Plan>();
  const effects: string[] = [];
  const alerts = new Set<string>();
  const sync = makeSyncBilling({
    ...{ billing, vendor, prices, grace, clock, contention },
    changePlan: (tenantId, plan) => {
      if ((plans.get(tenantId) ?? "free") !== plan) effects.push(`${tenantId} ${plan}`);
      plans.set(tenantId, plan);
      return Promise.resolve("done");
    },
    raiseAlert: ({ id }) => Promise.resolve(void alerts.add(id)),
  });
  const buy = async (tenantId: string, priceKey = "kombify_pro_month"): Promise<string> => {
    const customerId = await makeEnsureCustomer({ billing, vendor, contention })(tenantId, tenantId);
    const urls = { successUrl: "http://localhost/yes", cancelUrl: "http://localhost/no" };
    const idempotencyKey = `buy-${tenantId}`;
    const { url } = await vendor.openCheckout({ customerId, tenantId, priceKey, ...urls, idempotencyKey });
    expect((await click(url, "pay")).headers.get("location")).toBe(urls.successUrl);
    return customerId;
  };
  return { billing, vendor, plans, effects, alerts, sync, buy };
};

describe("billing against a stateful vendor", () => {
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "kombify-stripe-"));
    // Nobody listens there: deliveries are not what is tested here.
    const webhook = { url: "http://127.0.0.1:9/", secret: "whsec_0123456789abcdef" };
    stripe = await startStripe({ port: 0, dataDirectory: directory, apiKey, webhook });
  });
  afterAll(async () => {
    await stripe.stop();
    await rm(directory, { recursive: true, force: true });
  });

  it("makes one customer per tenant, however many ask at once", async () => {
    const { billing, vendor } = aBilling();
    const ensure = makeEnsureCustomer({ billing, vendor, contention });
    const ids = await Promise.all(Array.from({ length: 20 }, () => ensure("t-race", "Race")));
    expect(new Set(ids).size).toBe(1);
  });

  it("ends in the vendor's truth with each effect once, for 1,000 repetitions in any order", async () => {
    const { plans, effects, sync, buy } = aBilling();
    const tenants = Array.from({ length: 100 }, (_, index) => `t-many-${index}`);
    for (const tenantId of tenants) await buy(tenantId);
    const told = tenants.flatMap((tenantId) => Array.from({ length: 10 }, () => tenantId));
    const shuffled = told.map((value) => ({ value, at: Math.random() })).sort((left, right) => left.at - right.at);
    const queue = shuffled.map(({ value }) => value);
    const work = async (): Promise<void> => {
      for (let next = queue.pop(); next !== undefined; next = queue.pop()) await sync(next);
    };
    await Promise.all(Array.from({ length: 16 }, work));
    expect(new Set(plans.values())).toEqual(new Set(["pro"]));
    expect(effects.toSorted()).toEqual(tenants.map((tenantId) => `${tenantId} pro`).toSorted());
  }, 60_000);

  it("keeps the plan when the price is unknown, and tells of it once", async () => {
    const { plans, alerts, sync, buy } = aBilling();
    await buy("t-mystery", "kombify_mystery_month");
    await sync("t-mystery");
    await sync("t-mystery");
    expect(plans.get("t-mystery")).toBe("free");
    expect(alerts.size).toBe(1);
  });

  it("fails with billing-unavailable while the vendor is down, and goes on afterwards", async () => {
    const { plans, sync, buy } = aBilling();
    await buy("t-down");
    await post("/dev/faults", { count: 3, status: 500 });
    await expect(sync("t-down")).rejects.toMatchObject({ code: "billing-unavailable" });
    await post("/dev/faults", { count: 0, status: 500 });
    await sync("t-down");
    expect(plans.get("t-down")).toBe("pro");
  }, 20_000);

  it("walks the steps from cancelling to the end as time moves", async () => {
    const { billing, vendor, plans, sync, buy } = aBilling();
    const customerId = await buy("t-leaves");
    const { url } = await vendor.openPortal(customerId, "http://localhost/");
    await click(url, "cancel");
    const seen: string[] = [];
    for (const advanceDays of [1, 30, 4]) {
      await post("/dev/clock", { advanceDays });
      await sync("t-leaves");
      const { status, plan } = await billing.forTenant("t-leaves").read();
      seen.push(`${status} ${plan}`);
    }
    expect(seen).toEqual(["active pro", "grace pro", "cancelled free"]);
    expect(plans.get("t-leaves")).toBe("free");
  });

  it("walks the steps of a payment that fails, and comes back when it is paid", async () => {
    const { billing, sync, buy } = aBilling();
    const customer = await buy("t-owes");
    await post("/dev/payments", { customer, isRefused: true });
    const seen: string[] = [];
    for (const advanceDays of [31, 7, 8]) {
      await post("/dev/clock", { advanceDays });
      await sync("t-owes");
      const { status, plan } = await billing.forTenant("t-owes").read();
      seen.push(`${status} ${plan}`);
    }
    expect(seen).toEqual(["past-due pro", "grace pro", "cancelled free"]);
  });
});
