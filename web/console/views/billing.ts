import { busyButton } from "../../page/busy-button.ts";
import { element } from "../../page/element.ts";
import { toApiError } from "../api/api-error.ts";
import type { Billing } from "../api/platform-api.ts";
import { problemNotice } from "./problem.ts";

const words: Readonly<Record<Billing["status"], string>> = {
  none: "No subscription",
  trialing: "On trial",
  active: "Paid",
  "past-due": "Payment failed",
  grace: "About to end",
  cancelled: "Ended",
};
const tones: Readonly<Record<Billing["status"], string>> = {
  ...{ none: "", trialing: "good", active: "good" },
  ...{ "past-due": "warn", grace: "warn", cancelled: "bad" },
};

/** Where the person is sent by each button. Both throw what keeps them from it. */
export interface BillingDoors {
  readonly upgrade: () => Promise<void>;
  readonly manage: () => Promise<void>;
}

const isOver = ({ status }: Billing): boolean => status === "none" || status === "cancelled";

const buttonsOf = (billing: Billing, { upgrade, manage }: BillingDoors): readonly HTMLElement[] => {
  const problem = element("div", { class: "wide" });
  const door = (text: string, open: () => Promise<void>): HTMLElement =>
    busyButton(text, async () => {
      problem.replaceChildren();
      try {
        await open();
      } catch (error) {
        problem.replaceChildren(problemNotice(toApiError(error)));
      }
    });
  return [
    ...(isOver(billing) ? [door("Upgrade to pro", upgrade)] : []),
    ...(billing.hasCustomer ? [door("Manage billing", manage)] : []),
    problem,
  ];
};

/** What the organisation pays for, and what happens next; every state is said in words. */
export const billingView = (billing: Billing, doors: BillingDoors): readonly HTMLElement[] => [
  element("h2", {}, "Billing"),
  element(
    "p",
    { class: "row" },
    element("span", { class: `badge ${tones[billing.status]}`.trim() }, words[billing.status]),
    element("span", { class: "soft" }, `${billing.plan} plan`),
  ),
  element("p", {}, billing.next),
  ...(billing.mayChange
    ? buttonsOf(billing, doors)
    : [element("p", { class: "soft" }, "An administrator of your organisation can change this.")]),
];
