import { Refusal } from "../process/problem.ts";
import type { Ledger } from "./ledger.ts";
import { textOf } from "./ledger.ts";
import { prices } from "./prices.ts";
import type { Json } from "./records.ts";

export type Page = { readonly html: string } | { readonly location: string };

const escape = (text: string): string => text.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);
const style = `body{font:1rem/1.5 system-ui;max-width:34rem;margin:3rem auto;padding:0 1rem;color-scheme:light dark}
button{font:inherit;padding:.6rem 1rem;margin:.3rem .3rem .3rem 0}`;
const pageOf = (title: string, content: string): Page => ({
  html: `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escape(title)}</title><style>${style}</style></head><body><main><h1>${escape(title)}</h1>
<p>This stands in for Stripe on this machine. No money moves.</p>${content}</main></body></html>`,
});
const button = (action: string, text: string): string =>
  `<form method="post"><button name="action" value="${action}">${escape(text)}</button></form>`;
const priceText = (price: Json): string =>
  `${textOf(price["lookup_key"])}: ${(Number(price["unit_amount"]) / 100).toFixed(2)} EUR`;

/** The pages to click through: `/checkout/<session>` and `/portal/<session>`. A POST carries `action`. */
export const makePages = (ledger: Ledger) => {
  const { records } = ledger;
  const sessionOf = (kind: string, id: string): Json => {
    const session = records.find(kind, id);
    if (session === undefined) throw new Refusal(404, "resource_missing", "There is no such session.");
    return session;
  };

  const checkout = (id: string, action: string | null): Page => {
    const session = sessionOf("checkout", id);
    const price = prices.find((candidate) => candidate["id"] === session["price"]) ?? {};
    if (action === "leave") return { location: textOf(session["cancel_url"]) };
    if (action !== "pay")
      return pageOf(
        "Checkout",
        `<p>${escape(priceText(price))}</p>${button("pay", "Subscribe")}${button("leave", "Go back")}`,
      );
    // A second click finds what the first one has bought.
    if (session["status"] === "open") {
      const subscription = ledger.subscribe(textOf(session["customer"]), price, Number(session["trial_days"]));
      const paid = { status: "complete", payment_status: "paid", subscription: subscription["id"] };
      ledger.emit("checkout.session.completed", records.put("checkout", id, { ...session, ...paid }));
    }
    return { location: textOf(session["success_url"]) };
  };

  const act = (subscription: Json, action: string): void => {
    if (action === "cancel") ledger.setCancelAtEnd(subscription, true);
    if (action === "resume") ledger.setCancelAtEnd(subscription, false);
    if (action === "pay") ledger.payOwed(subscription);
    const price = prices.find(({ lookup_key: key }) => action === `change:${textOf(key)}`);
    if (price !== undefined) ledger.changePrice(subscription, price);
  };

  const portal = (id: string, action: string | null): Page => {
    const session = sessionOf("portal", id);
    if (action === "leave") return { location: textOf(session["return_url"]) };
    const running = (): Json | undefined =>
      records.list("subscription", textOf(session["customer"])).find(({ status }) => status !== "canceled");
    const before = running();
    if (action !== null && before !== undefined) {
      act(before, action);
      return { location: `/portal/${id}` };
    }
    if (before === undefined)
      return pageOf("Billing", `<p>There is no subscription.</p>${button("leave", "Return to kombify")}`);
    const isEnding = before["cancel_at_period_end"] === true;
    const changes = prices.map((price) =>
      button(`change:${textOf(price["lookup_key"])}`, `Change to ${priceText(price)}`),
    );
    const end = isEnding ? button("resume", "Keep the subscription") : button("cancel", "Cancel the subscription");
    const owed = before["status"] === "past_due" ? button("pay", "Pay what is owed") : "";
    return pageOf(
      "Billing",
      `<p>Subscription: ${escape(textOf(before["status"]))}${isEnding ? ", ends with its period" : ""}</p>${owed}${end}${changes.join("")}${button("leave", "Return to kombify")}`,
    );
  };

  return (path: string, action: string | null): Page => {
    const [, kind, id = ""] = path.split("/");
    return kind === "checkout" ? checkout(id, action) : portal(id, action);
  };
};
