import azure from "@azure/functions";
import Stripe from "stripe";
import { beforeEach, describe, expect, it } from "vitest";
import { stripeReadWebhook } from "../../shared/adapters/stripe/read-webhook.ts";
import { sqliteDocumentStore } from "../../shared/adapters/sqlite/document-store.ts";
import { withErrorBoundary } from "../http/http-function.ts";
import { buildEventServices } from "../events/event-services.ts";
import { stripeWebhookHttp } from "./stripe-webhook.http.ts";

const now = Date.UTC(2026, 10, 24);
const nowSeconds = now / 1000;
const clock = () => new Date(now);
const oldSecret = "whsec_old_0123456789";
const newSecret = "whsec_new_0123456789";
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

const eventOf = (change: Readonly<Record<string, unknown>> = {}): string =>
  JSON.stringify({
    ...{ id: "evt_1", object: "event", type: "customer.subscription.updated", created: nowSeconds, livemode: false },
    data: { object: { id: "sub_1", object: "subscription", customer: "cus_1" } },
    ...change,
  });
const sign = (payload: string, secret = newSecret, timestamp = nowSeconds): string =>
  Stripe.webhooks.generateTestHeaderString({ payload, secret, timestamp });

interface Call {
  readonly body: string | Uint8Array<ArrayBuffer>;
  readonly signature?: string | undefined;
}

const aWebhook = (secrets: readonly string[] = [oldSecret, newSecret]) => {
  const sent: string[] = [];
  const services = buildEventServices({
    ...{ documents: sqliteDocumentStore(":memory:"), clock, log: silent, handlers: {} },
    queue: { send: (id) => Promise.resolve(void sent.push(id)) },
    raiseAlert: () => Promise.resolve(),
  });
  const readStripeWebhook = stripeReadWebhook({ secrets: () => Promise.resolve(secrets), isLive: false, clock });
  const handler = withErrorBoundary(stripeWebhookHttp({ readStripeWebhook, acceptEvent: services.acceptEvent }));
  const context = new azure.InvocationContext({ logHandler: () => undefined });
  const call = async ({ body, signature }: Call) => {
    const request = new azure.HttpRequest({
      method: "POST",
      url: "http://functions.internal/api/webhooks/stripe",
      headers: signature === undefined ? {} : { "stripe-signature": signature },
      body: typeof body === "string" ? { string: body } : { bytes: body },
    });
    const answer = await handler(request, context);
    return { status: answer.status, body: typeof answer.body === "string" ? answer.body : "" };
  };
  return { call, sent, events: services.events };
};

let webhook: ReturnType<typeof aWebhook>;
beforeEach(() => {
  webhook = aWebhook();
});

const good = eventOf();
const big = eventOf({ padding: "x".repeat(300 * 1024) });
const bytesOf = (text: string) => new Uint8Array(Buffer.from(text));

describe("what is refused, and leaves no trace", () => {
  it.each<readonly [string, Call, number]>([
    ["no signature", { body: good }, 400],
    ["an empty signature", { body: good, signature: "" }, 400],
    ["nonsense", { body: good, signature: "hello" }, 400],
    ["no moment", { body: good, signature: sign(good).replace(/t=\d+,/, "") }, 400],
    ["a moment that is no number", { body: good, signature: sign(good).replace(/t=\d+/, "t=soon") }, 400],
    ["only the old scheme", { body: good, signature: sign(good).replace("v1=", "v0=") }, 400],
    ["a hash cut short", { body: good, signature: sign(good).slice(0, -2) }, 400],
    ["two headers in one", { body: good, signature: `${sign(good)}, ${sign(good)}` }, 400],
    ["an endless header", { body: good, signature: `${sign(good)},${"v1=00,".repeat(2_000)}` }, 400],
    ["another secret", { body: good, signature: sign(good, "whsec_wrong_012345") }, 400],
    ["a stale moment", { body: good, signature: sign(good, newSecret, nowSeconds - 301) }, 400],
    ["a moment to come", { body: good, signature: sign(good, newSecret, nowSeconds + 61) }, 400],
    ["milliseconds for seconds", { body: good, signature: sign(good, newSecret, now) }, 400],
    ["another body", { body: good.replace("cus_1", "cus_2"), signature: sign(good) }, 400],
    ["a body written anew", { body: JSON.stringify(JSON.parse(good), undefined, 2), signature: sign(good) }, 400],
    ["a byte order mark", { body: `\uFEFF${good}`, signature: sign(good) }, 400],
    ["a line end more", { body: `${good}\n`, signature: sign(good) }, 400],
    ["no body", { body: "", signature: sign("") }, 400],
    ["no JSON", { body: "{", signature: sign("{") }, 400],
    ["a list", { body: "[]", signature: sign("[]") }, 400],
    ["live mode", { body: eventOf({ livemode: true }), signature: sign(eventOf({ livemode: true })) }, 400],
    ["no livemode", { body: eventOf({ livemode: null }), signature: sign(eventOf({ livemode: null })) }, 400],
    [
      "a thin event",
      { body: eventOf({ object: "v2.core.event" }), signature: sign(eventOf({ object: "v2.core.event" })) },
      400,
    ],
    [
      "an id that is a path",
      { body: eventOf({ id: "evt_/../x" }), signature: sign(eventOf({ id: "evt_/../x" })) },
      400,
    ],
    ["too many bytes", { body: big, signature: sign(big) }, 413],
    ["bytes that are no text", { body: new Uint8Array([0xff, 0xfe, 0x00]), signature: sign(good) }, 400],
  ])("%s", async (_, call, status) => {
    expect((await webhook.call(call)).status).toBe(status);
    expect(webhook.sent).toEqual([]);
    expect(await webhook.events.list("received", 10)).toEqual([]);
  });

  it("has Stripe try again while no secret is configured", async () => {
    expect((await aWebhook([]).call({ body: good, signature: sign(good) })).status).toBe(503);
    expect((await aWebhook([" "]).call({ body: good, signature: sign(good, "x") })).status).toBe(503);
  });
});

describe("what is taken", () => {
  it.each([
    ["the new secret", sign(good)],
    ["the old secret", sign(good, oldSecret)],
    ["several hashes, of which one fits", `${sign(good, "whsec_wrong_012345")},${sign(good).split(",")[1] ?? ""}`],
    ["a moment ago", sign(good, newSecret, nowSeconds - 299)],
    ["a clock that is a little fast", sign(good, newSecret, nowSeconds + 59)],
  ])("%s", async (_, signature) => {
    expect((await webhook.call({ body: bytesOf(good), signature })).status).toBe(200);
    expect(webhook.sent).toEqual(["stripe:evt_1"]);
    expect((await webhook.events.find("stripe:evt_1"))?.reference).toEqual({ customerId: "cus_1" });
  });

  it.each([
    ["a type we do not act on", eventOf({ type: "charge.refunded" })],
    ["a type made tomorrow", eventOf({ type: "moon.landed" })],
    ["a connected account", eventOf({ account: "acct_1" })],
    ["no customer", eventOf({ data: { object: { id: "sub_1", customer: null } } })],
  ])("%s, but not kept", async (_, body) => {
    const answer = await webhook.call({ body, signature: sign(body) });
    expect(answer.status).toBe(200);
    expect(answer.body).toContain("ignored");
    expect(webhook.sent).toEqual([]);
  });

  it("is stored once, however often and at once it comes", async () => {
    const call = { body: good, signature: sign(good) };
    const answers = await Promise.all(Array.from({ length: 30 }, () => webhook.call(call)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(answers.filter(({ body }) => body.includes('"isNew":true'))).toHaveLength(1);
    expect(await webhook.events.list("received", 10)).toHaveLength(1);
  });

  it("keeps ids only: nothing of the payload", async () => {
    const object = { id: "sub_1", customer: { id: "cus_1", email: "ada@acme.example" } };
    const body = eventOf({ data: { object } });
    await webhook.call({ body, signature: sign(body) });
    expect(JSON.stringify(await webhook.events.find("stripe:evt_1"))).not.toContain("ada@");
  });
});
