import { busyButton } from "../../page/busy-button.ts";
import { element } from "../../page/element.ts";
import { toApiError } from "../api/api-error.ts";
import type { Operation, Tenant } from "../api/platform-api.ts";
import { card } from "../screen.ts";
import { problemNotice } from "./problem.ts";

const fact = (term: string, value: string): HTMLElement =>
  element("div", {}, element("dt", {}, term), element("dd", {}, value));

const storageText = (megabytes: number): string =>
  megabytes >= 1000 ? `${(megabytes / 1000).toLocaleString("en")} GB` : `${megabytes} MB`;

const limitsOf = ({ limits }: Tenant): HTMLElement =>
  element(
    "dl",
    { class: "facts" },
    fact("People", limits.maxUsers.toLocaleString("en")),
    fact("Nodes", limits.maxNodes.toLocaleString("en")),
    fact("Services", limits.maxServices.toLocaleString("en")),
    fact("Storage", storageText(limits.storageMegabytesMax)),
  );

const identityOf = ({ slug, plan }: Tenant, state: HTMLElement): HTMLElement =>
  element(
    "p",
    { class: "row" },
    state,
    element("span", { class: "badge" }, `${plan} plan`),
    element("code", { class: "soft" }, slug),
  );

/** The tenant that works, and the door to its Stack. `open` throws what keeps it shut. */
export const activeTenantView = (tenant: Tenant, open: () => Promise<void>): HTMLElement => {
  const problem = element("div", { class: "wide" });
  const button = busyButton("Open your Stack", async () => {
    problem.replaceChildren();
    try {
      await open();
    } catch (error) {
      problem.replaceChildren(problemNotice(toApiError(error)));
    }
  });
  return card(
    tenant.name,
    identityOf(tenant, element("span", { class: "badge good" }, "Active")),
    element("p", { class: "soft" }, "Your Stack is ready. It opens without another sign-in."),
    button,
    problem,
    element("h2", {}, "Your plan allows up to"),
    limitsOf(tenant),
  );
};

export const suspendedTenantView = (tenant: Tenant): HTMLElement =>
  card(
    tenant.name,
    identityOf(tenant, element("span", { class: "badge warn" }, "Suspended")),
    element(
      "p",
      { class: "notice warn" },
      "Access is paused for everybody in your organisation. Nothing is deleted: all data is kept and comes back as it was when the tenant is resumed. Please talk to the administrator of your organisation or to kombify.",
    ),
  );

/** What was tried and failed. `retry` is offered only where the platform allows it. */
export const failedTenantView = (
  tenant: Tenant,
  operation: Operation | undefined,
  retry: () => Promise<void>,
): HTMLElement => {
  const detail = operation?.error?.detail ?? "The platform gave up before the tenant was ready.";
  const mayRetry = operation?.allowedActions.includes("retry") ?? false;
  return card(
    tenant.name,
    identityOf(tenant, element("span", { class: "badge bad" }, "Not set up")),
    element("p", { class: "notice bad" }, `${detail} Nothing is left behind.`),
    mayRetry ? busyButton("Try again", retry) : undefined,
  );
};
