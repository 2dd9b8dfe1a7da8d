import { randomBytes } from "node:crypto";
import type { Json, Records } from "./records.ts";

const apiVersion = "2026-10-28.endive";
export const testClockId = "clock_local";
const daySeconds = 86_400;
const dunningDays = 14;
const intervalDays = { month: 30, year: 365 } as const;

const newId = (prefix: string): string => `${prefix}_${randomBytes(12).toString("hex")}`;
const numberOf = (value: unknown): number => (typeof value === "number" ? value : 0);
export const textOf = (value: unknown): string => (typeof value === "string" ? value : "");

interface Delivery {
  /** How often every event is sent. */
  readonly copies: number;
  readonly isShuffled: boolean;
}

const spreadMilliseconds = 1_500;

/** What happens to customers, subscriptions and invoices over time. Instants are seconds, as in Stripe's API. */
export class Ledger {
  readonly records: Records;
  delivery: Delivery = { copies: 1, isShuffled: false };
  constructor(records: Records) {
    this.records = records;
  }

  now(): number {
    return Math.floor(Date.now() / 1000) + Number(this.records.fact("offsetSeconds") ?? 0);
  }

  emit(type: string, object: Json): void {
    const id = newId("evt");
    const body = { id, object: "event", api_version: apiVersion, created: this.now(), type, livemode: false };
    this.records.put("event", id, { ...body, pending_webhooks: 1, request: null, data: { object } });
    for (let copy = 0; copy < this.delivery.copies; copy += 1) {
      const delay = this.delivery.isShuffled || copy > 0 ? Math.random() * spreadMilliseconds : 0;
      this.records.planDelivery(id, Math.floor(Date.now() + delay));
    }
  }

  createCustomer(given: Json): Json {
    const id = newId("cus");
    const { name = null, email = null, metadata = {} } = given;
    const customer = { id, object: "customer", created: this.now(), livemode: false, name, email, metadata };
    return this.records.put("customer", id, { ...customer, test_clock: testClockId });
  }

  deleteCustomer(id: string): Json {
    for (const subscription of this.records.list("subscription", id))
      this.cancel(subscription, "cancellation_requested");
    const gone = { id, object: "customer", deleted: true };
    this.records.put("customer", id, gone);
    this.emit("customer.deleted", gone);
    return gone;
  }

  /** A paid subscription; with `trialDays` nothing is charged at first. */
  subscribe(customer: string, price: Json, trialDays = 0): Json {
    const now = this.now();
    const id = newId("sub");
    const end = now + (trialDays > 0 ? trialDays : this.#daysOf(price)) * daySeconds;
    const subscription = this.#save({
      ...{ id, object: "subscription", customer, livemode: false, created: now, start_date: now },
      status: trialDays > 0 ? "trialing" : "active",
      ...{ cancel_at: null, cancel_at_period_end: false, canceled_at: null, ended_at: null },
      ...{ cancellation_details: { reason: null }, latest_invoice: null, test_clock: testClockId, metadata: {} },
      ...{ trial_end: trialDays > 0 ? end : null, past_due_since: null },
      items: this.#items(id, price, now, end),
    });
    this.emit("customer.subscription.created", subscription);
    return trialDays > 0 ? subscription : this.#charge(subscription, now);
  }

  changePrice(subscription: Json, price: Json): Json {
    const { start, end } = this.#period(subscription);
    return this.#update({ ...subscription, items: this.#items(textOf(subscription["id"]), price, start, end) });
  }

  setCancelAtEnd(subscription: Json, isWanted: boolean): Json {
    const end = this.#period(subscription).end;
    return this.#update({ ...subscription, cancel_at_period_end: isWanted, cancel_at: isWanted ? end : null });
  }

  cancel(subscription: Json, reason: "cancellation_requested" | "payment_failed", at = this.now()): Json {
    if (subscription["status"] === "canceled") return subscription;
    const facts = { status: "canceled", ended_at: at, canceled_at: at, cancellation_details: { reason } };
    const cancelled = this.#save({ ...subscription, ...facts });
    this.emit("customer.subscription.deleted", cancelled);
    return cancelled;
  }

  /** The owed invoice is paid after all. */
  payOwed(subscription: Json): Json {
    if (subscription["status"] !== "past_due") return subscription;
    const invoice = this.records.find("invoice", textOf(subscription["latest_invoice"]));
    if (invoice !== undefined) {
      this.emit("invoice.paid", this.records.put("invoice", textOf(invoice["id"]), { ...invoice, status: "paid" }));
    }
    return this.#update({ ...subscription, status: "active", past_due_since: null });
  }

  /** Moves time forward, and does everything that falls due on the way. */
  advance(seconds: number): number {
    this.records.setFact("offsetSeconds", String(Number(this.records.fact("offsetSeconds") ?? 0) + seconds));
    for (const subscription of this.records.list("subscription")) this.#carryOn(subscription);
    this.emit("test_helpers.test_clock.ready", this.testClock());
    return this.now();
  }

  testClock(): Json {
    const frozen = { frozen_time: this.now(), created: 0, deletes_after: null, name: "local", status: "ready" };
    return { id: testClockId, object: "test_helpers.test_clock", livemode: false, ...frozen };
  }

  #carryOn(given: Json): void {
    let subscription = given;
    for (let end = this.#period(subscription).end; end <= this.now(); end = this.#period(subscription).end) {
      if (subscription["status"] !== "active" && subscription["status"] !== "trialing") break;
      if (subscription["cancel_at_period_end"] === true) {
        this.cancel(subscription, "cancellation_requested", end);
        return;
      }
      const price = this.#priceOf(subscription);
      const items = this.#items(textOf(subscription["id"]), price, end, end + this.#daysOf(price) * daySeconds);
      subscription = this.#charge({ ...subscription, items }, end);
    }
    const owedUntil = numberOf(subscription["past_due_since"]) + dunningDays * daySeconds;
    if (subscription["status"] === "past_due" && owedUntil <= this.now()) {
      this.cancel(subscription, "payment_failed", owedUntil);
    }
  }

  #charge(subscription: Json, at: number): Json {
    const customer = textOf(subscription["customer"]);
    const isRefused = this.records.fact(`refuses:${customer}`) === "true";
    const id = newId("in");
    const parent = { type: "subscription_details", subscription_details: { subscription: subscription["id"] } };
    const invoice = { id, object: "invoice", customer, created: at, livemode: false, parent };
    this.records.put("invoice", id, { ...invoice, status: isRefused ? "open" : "paid" });
    const status = isRefused ? { status: "past_due", past_due_since: at } : { status: "active", past_due_since: null };
    const updated = this.#update({ ...subscription, latest_invoice: id, ...status });
    this.emit(isRefused ? "invoice.payment_failed" : "invoice.paid", {
      ...invoice,
      status: isRefused ? "open" : "paid",
    });
    return updated;
  }

  #update(subscription: Json): Json {
    const saved = this.#save(subscription);
    this.emit("customer.subscription.updated", saved);
    return saved;
  }

  #save(subscription: Json): Json {
    return this.records.put("subscription", textOf(subscription["id"]), subscription);
  }

  #items(subscription: string, price: Json, start: number, end: number): Json {
    const item = { id: `si_${subscription}`, object: "subscription_item", subscription, price, quantity: 1 };
    const data = [{ ...item, current_period_start: start, current_period_end: end }];
    return { object: "list", has_more: false, url: "/v1/subscription_items", data };
  }

  #item(subscription: Json): Json {
    const { data } = { ...(subscription["items"] as { readonly data: readonly Json[] }) };
    return data[0] ?? {};
  }

  #period(subscription: Json): { readonly start: number; readonly end: number } {
    const item = this.#item(subscription);
    return { start: numberOf(item["current_period_start"]), end: numberOf(item["current_period_end"]) };
  }

  #priceOf(subscription: Json): Json {
    return this.#item(subscription)["price"] as Json;
  }

  #daysOf(price: Json): number {
    return textOf(price["lookup_key"]).endsWith("_year") ? intervalDays.year : intervalDays.month;
  }
}
