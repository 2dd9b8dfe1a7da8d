import { element } from "../page/element.ts";
import { toApiError } from "./api/api-error.ts";
import type { PlatformApi, Tenant } from "./api/platform-api.ts";
import { billingView } from "./views/billing.ts";
import { problemNotice } from "./views/problem.ts";

export interface BillingSectionDeps {
  readonly api: Pick<PlatformApi, "billing" | "openCheckout" | "openPortal">;
  readonly newKey: () => string;
  readonly wait: (seconds: number) => Promise<void>;
  /** Leads the tab to another site. */
  readonly leave: (url: string) => void;
  /** True once, when the person has just come back from paying. */
  readonly takeBought: () => boolean;
  /** The plan in force is another one than the page shows. */
  readonly onPlanChanged: () => Promise<void>;
}

const pollSeconds = 1;
const pollsMax = 60;

/** The payment is known to the platform a moment after the person is back; until then it is said so, and asked again. */
const followPurchase = async (deps: BillingSectionDeps, tenant: Tenant, section: HTMLElement): Promise<void> => {
  const waiting = "Thank you. Your payment is being confirmed; this page shows the new plan by itself.";
  section.replaceChildren(element("h2", {}, "Billing"), element("p", { class: "notice", role: "status" }, waiting));
  for (let count = 0; count < pollsMax; count += 1) {
    const { plan } = await deps.api.billing();
    if (!section.isConnected) return;
    if (plan !== tenant.plan) {
      await deps.onPlanChanged();
      return;
    }
    await deps.wait(pollSeconds);
  }
  await fill(deps, section);
};

const fill = async ({ api, newKey, leave }: BillingSectionDeps, section: HTMLElement): Promise<void> => {
  const billing = await api.billing();
  section.hidden = !billing.isAvailable;
  // One key per view: two clicks lead to the same page of the vendor.
  const key = newKey();
  const doors = {
    upgrade: async () => leave(await api.openCheckout("pro", key)),
    manage: async () => leave(await api.openPortal()),
  };
  section.replaceChildren(...billingView(billing, doors));
};

/** The part of the tenant's page about money. It fills itself, and stays out of sight where nothing is sold. */
export const billingSection = (deps: BillingSectionDeps, tenant: Tenant): HTMLElement => {
  const section = element("section", { class: "card stack", "aria-label": "Billing", hidden: true });
  const load = async (): Promise<void> => {
    try {
      if (!deps.takeBought()) {
        await fill(deps, section);
        return;
      }
      section.hidden = false;
      await followPurchase(deps, tenant, section);
    } catch (error) {
      section.hidden = false;
      section.replaceChildren(element("h2", {}, "Billing"), problemNotice(toApiError(error), load));
    }
  };
  // It starts once the section is on the page, which is where it looks whether somebody is still there to see it.
  queueMicrotask(() => void load());
  return section;
};
