import { randomBytes } from "node:crypto";
import { Refusal } from "../process/problem.ts";
import type { Ledger } from "./ledger.ts";
import { testClockId, textOf } from "./ledger.ts";
import { prices } from "./prices.ts";
import type { Json } from "./records.ts";

export interface ApiCall {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly form: URLSearchParams;
}

const missing = (id: string): Refusal => new Refusal(404, "resource_missing", `No such object: '${id}'`);
const invalid = (message: string): Refusal => new Refusal(400, "parameter_invalid", message);

const listOf = (url: string, all: readonly Json[], query: URLSearchParams): Json => {
  const limit = Number(query.get("limit") ?? 10);
  const after = query.get("starting_after");
  const from = after === null ? 0 : all.findIndex(({ id }) => id === after) + 1;
  const data = all.slice(from, from + limit);
  return { object: "list", url, data, has_more: from + limit < all.length };
};

const valuesOf = (query: URLSearchParams, name: string): readonly string[] =>
  [...query].filter(([key]) => key.startsWith(`${name}[`)).map(([, value]) => value);

const finder = ({ records }: Ledger) => {
  const find = (kind: string, id: string): Json => {
    const found = records.find(kind, id);
    if (found === undefined) throw missing(id);
    return found;
  };
  const liveCustomer = (id: string): Json => {
    const customer = find("customer", id);
    if (customer["deleted"] === true) throw missing(id);
    return customer;
  };
  return { find, liveCustomer };
};

const makeRead = (ledger: Ledger) => {
  const { records } = ledger;
  const { find } = finder(ledger);
  const expanded = (query: URLSearchParams) => {
    const wants = valuesOf(query, "expand").some((path) => path.endsWith("latest_invoice"));
    return (subscription: Json): Json => {
      const invoice = records.find("invoice", textOf(subscription["latest_invoice"]));
      return wants && invoice !== undefined ? { ...subscription, latest_invoice: invoice } : subscription;
    };
  };
  return (path: string, query: URLSearchParams): Json => {
    const [, , kind = "", id = ""] = path.split("/");
    switch (kind) {
      case "customers":
        return find("customer", id);
      case "subscriptions": {
        const expand = expanded(query);
        if (id !== "") return expand(find("subscription", id));
        return listOf(path, records.list("subscription", query.get("customer")).map(expand), query);
      }
      case "prices": {
        const keys = valuesOf(query, "lookup_keys");
        const wanted = prices.filter((price) => keys.length === 0 || keys.includes(textOf(price["lookup_key"])));
        return listOf(path, wanted, query);
      }
      case "events":
        return id === "" ? listOf(path, records.list("event"), query) : find("event", id);
      default:
        if (path === `/v1/test_helpers/test_clocks/${testClockId}`) return ledger.testClock();
        throw missing(path);
    }
  };
};

const makeWrite = (ledger: Ledger, base: () => string) => {
  const { liveCustomer } = finder(ledger);
  const openSession = (kind: "checkout" | "portal", body: Json): Json => {
    const id = `${kind === "checkout" ? "cs_test" : "bps"}_${randomBytes(16).toString("hex")}`;
    const url = `${base()}/${kind}/${id}`;
    return ledger.records.put(kind, id, { ...body, id, created: ledger.now(), livemode: false, url });
  };
  const openCheckout = (form: URLSearchParams): Json => {
    const price = prices.find(({ id }) => id === form.get("line_items[0][price]"));
    if (price === undefined || form.get("mode") !== "subscription") throw invalid("A price and a mode are needed.");
    const customer = textOf(liveCustomer(form.get("customer") ?? "")["id"]);
    return openSession("checkout", {
      ...{ object: "checkout.session", mode: "subscription", status: "open", payment_status: "unpaid", customer },
      client_reference_id: form.get("client_reference_id"),
      ...{ success_url: form.get("success_url"), cancel_url: form.get("cancel_url") },
      ...{ subscription: null, price: price["id"] },
      trial_days: Number(form.get("subscription_data[trial_period_days]") ?? 0),
    });
  };
  return (path: string, form: URLSearchParams): Json => {
    if (path === "/v1/customers") {
      const metadata = { tenantId: form.get("metadata[tenantId]") };
      return ledger.createCustomer({ name: form.get("name"), email: form.get("email"), metadata });
    }
    if (path === "/v1/checkout/sessions") return openCheckout(form);
    if (path === "/v1/billing_portal/sessions") {
      const customer = textOf(liveCustomer(form.get("customer") ?? "")["id"]);
      return openSession("portal", { object: "billing_portal.session", customer, return_url: form.get("return_url") });
    }
    throw missing(path);
  };
};

/** The part of Stripe's API (version 2026-10-28) that the platform and its tests use. `base`: where people find pages. */
export const makeApi = (ledger: Ledger, base: () => string) => {
  const { find, liveCustomer } = finder(ledger);
  const read = makeRead(ledger);
  const write = makeWrite(ledger, base);
  const remove = (path: string): Json => {
    const [, , kind, id = ""] = path.split("/");
    if (kind === "customers") return ledger.deleteCustomer(textOf(liveCustomer(id)["id"]));
    if (kind === "subscriptions") return ledger.cancel(find("subscription", id), "cancellation_requested");
    throw missing(path);
  };
  return ({ method, path, query, form }: ApiCall): Json => {
    if (method === "GET") return read(path, query);
    if (method === "POST") return write(path, form);
    if (method === "DELETE") return remove(path);
    throw new Refusal(405, "method_not_allowed", "Use GET, POST or DELETE.");
  };
};
