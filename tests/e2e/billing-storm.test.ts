import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import type { RunningPlatform } from "./platform.ts";
import { startPlatform } from "./platform.ts";
import { expectProblem } from "./support/expect-problem.ts";
import { jsonOf, send } from "./support/http-call.ts";
import { mintMember, mintOperator } from "./support/people.ts";

const customersCount = 100;

const Page = z.object({ url: z.string() });
const Owned = z.object({ plan: z.string(), limits: z.object({ maxNodes: z.number() }) });
const Item = z.object({ price: z.object({ lookup_key: z.string() }) });
const State = z.object({
  pendingDeliveries: z.number(),
  customers: z.array(z.object({ id: z.string(), metadata: z.object({ tenantId: z.string() }) })),
  subscriptions: z.array(
    z.object({ customer: z.string(), status: z.string(), items: z.object({ data: z.array(Item) }) }),
  ),
});
const Kept = z.object({ events: z.array(z.object({ id: z.string(), type: z.string() })), next: z.string().nullable() });

let platform: RunningPlatform;
let operator: string;
let tokens: readonly string[];

beforeAll(async () => {
  platform = await startPlatform();
  operator = await mintOperator(platform.identityProvider);
  tokens = await Promise.all(
    Array.from({ length: customersCount }, (_, index) => mintMember(platform.identityProvider, `storm-${index}`)),
  );
});
afterAll(() => platform.stop());

const post = (path: string, token: string, json: unknown = {}) =>
  send(platform.gateway, { method: "POST", path, token, json });
const tell = (path: string, body: unknown) =>
  fetch(`${platform.stripe}${path}`, {
    ...{ method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) },
  });
const vendorState = async () => State.parse(await (await fetch(`${platform.stripe}/dev/state`)).json());
const press = async (page: unknown, action: string): Promise<void> => {
  const { url } = Page.parse(page);
  const answer = await fetch(url, { method: "POST", body: new URLSearchParams({ action }), redirect: "manual" });
  expect(answer.status).toBe(303);
};

/** In groups of ten, as people do not all come in the same second. */
const each = async (act: (token: string, index: number) => Promise<void>): Promise<void> => {
  for (let begin = 0; begin < tokens.length; begin += 10) {
    await Promise.all(tokens.slice(begin, begin + 10).map((token, index) => act(token, begin + index)));
  }
};

const ownedBy = async (token: string) =>
  Owned.parse(jsonOf(await send(platform.gateway, { path: "/api/tenant", token })));

/** What each was left with at the vendor: every third buys no more than the first plan. */
const wantedPlan = (index: number): string => (index % 3 === 1 ? "enterprise" : "pro");

const eventsIn = async (state: string): Promise<readonly string[]> => {
  const ids: string[] = [];
  for (let before: string | null = ""; before !== null;) {
    const cursor = before === "" ? "" : `&before=${encodeURIComponent(before)}`;
    const answer = await send(platform.gateway, {
      path: `/api/admin/events?state=${state}&limit=100${cursor}`,
      token: operator,
    });
    const page = Kept.parse(jsonOf(answer));
    ids.push(...page.events.map(({ id }) => id).filter((id) => id.startsWith("stripe:")));
    before = page.next;
  }
  return ids;
};

// One story, told in order: each step begins where the one before has ended.
describe("100 customers whose events come shuffled and five times each", () => {
  it("all have a tenant", { timeout: 120_000 }, async () => {
    await each(async (token, index) => {
      const answer = await post("/api/tenant", token, { name: `Storm ${index}`, slug: `storm-${index}` });
      expect([201, 202]).toContain(answer.status);
    });
    await expect
      .poll(async () => (await Promise.all(tokens.map(ownedBy))).length, { timeout: 60_000, interval: 500 })
      .toBe(customersCount);
  });

  it("end with what the vendor says they have, and every event is settled once", { timeout: 240_000 }, async () => {
    expect((await tell("/dev/delivery", { copies: 5, isShuffled: true })).status).toBe(200);
    await each(async (token) => {
      const checkout = await post("/api/billing/checkout", token, { plan: "pro", interval: "month" });
      await press(jsonOf(checkout), "pay");
    });
    await each(async (token, index) => {
      const portal = jsonOf(await post("/api/billing/portal", token));
      if (index % 3 === 1) await press(portal, "change:kombify_enterprise_month");
      if (index % 3 === 2) {
        await press(portal, "cancel");
        await press(portal, "resume");
      }
    });
    await expect.poll(async () => (await vendorState()).pendingDeliveries, { timeout: 120_000, interval: 500 }).toBe(0);
    await expect
      .poll(async () => (await Promise.all(tokens.map(ownedBy))).map(({ plan }) => plan), {
        ...{ timeout: 60_000, interval: 500 },
      })
      .toEqual(tokens.map((_, index) => wantedPlan(index)));
    const { customers, subscriptions } = await vendorState();
    // Nobody has two customers or pays twice.
    expect(new Set(customers.map(({ metadata }) => metadata.tenantId)).size).toBe(customersCount);
    expect(new Set(subscriptions.map(({ customer }) => customer)).size).toBe(subscriptions.length);
    const keys = subscriptions.map(({ items }) => items.data[0]?.price.lookup_key ?? "");
    expect(keys.filter((key) => key === "kombify_enterprise_month")).toHaveLength(33);
    await expect.poll(() => eventsIn("received"), { timeout: 60_000, interval: 500 }).toEqual([]);
    expect(await eventsIn("failed")).toEqual([]);
    const settled = [...(await eventsIn("done")), ...(await eventsIn("ignored"))];
    expect(new Set(settled).size).toBe(settled.length);
    // At least bought, charged, paid and completed for everybody, and what a third each have changed.
    expect(settled.length).toBeGreaterThanOrEqual(customersCount * 4);
  });

  it("let only their administrators buy, pay and cancel", async () => {
    const member = await mintMember(platform.identityProvider, "storm-0", []);
    expectProblem(await post("/api/billing/checkout", member, { plan: "pro", interval: "month" }), 403, "forbidden");
    expectProblem(await post("/api/billing/portal", member), 403, "forbidden");
    const [first = ""] = tokens;
    const again = await post("/api/billing/checkout", first, { plan: "pro", interval: "month" });
    expectProblem(again, 409, "billing-subscription-exists");
  });
});
