import { toApiError } from "./api/api-error.ts";
import { billingSection } from "./billing-section.ts";
import type { NewTenant, PlatformApi, Tenant } from "./api/platform-api.ts";
import { followTenant } from "./follow-tenant.ts";
import { openStack } from "./open-stack.ts";
import type { Show } from "./screen.ts";
import { card } from "./screen.ts";
import { newTenantView } from "./views/new-tenant.ts";
import { problemNotice } from "./views/problem.ts";
import { progressView } from "./views/progress.ts";
import { activeTenantView, failedTenantView, suspendedTenantView } from "./views/tenant.ts";

export interface TenantPageDeps {
  readonly api: PlatformApi;
  readonly organisation: string;
  readonly show: Show;
  readonly wait: (seconds: number) => Promise<void>;
  readonly newKey: () => string;
  /** Leads the tab to another site. */
  readonly leave: (url: string) => void;
  /** True once, when the person has just come back from paying. */
  readonly takeBought: () => boolean;
  /** Called with every tenant that is seen. */
  readonly onTenant: (tenant: Tenant) => void;
  /** Called when the platform no longer accepts the sign-in. */
  readonly onSignInEnded: () => void;
}

/** One key for each content of the form: repeating it is safe, changing it is a new request. */
const makeKeyOf = (newKey: () => string) => {
  const keys = new Map<string, string>();
  return (tenant: NewTenant): string => {
    const content = JSON.stringify([tenant.name, tenant.slug]);
    const key = keys.get(content) ?? newKey();
    keys.set(content, key);
    return key;
  };
};

/** The tenant of the person's organisation, in whatever state it is. */
class TenantPage {
  readonly #deps: TenantPageDeps;
  readonly #keyOf: (tenant: NewTenant) => string;
  constructor(deps: TenantPageDeps) {
    this.#deps = deps;
    this.#keyOf = makeKeyOf(deps.newKey);
  }

  load(): Promise<void> {
    return this.#attempt(async () => this.#showTenant(await this.#deps.api.tenant()));
  }

  /** Passes failures on, except the end of the sign-in. */
  async #signedIn(action: () => Promise<void>): Promise<void> {
    try {
      await action();
    } catch (cause) {
      const error = toApiError(cause);
      if (error.facts.status !== 401) throw error;
      this.#deps.onSignInEnded();
    }
  }

  /** Runs what fills the whole page; a failure is shown there, with a way to repeat it. */
  async #attempt(action: () => Promise<void>): Promise<void> {
    try {
      await this.#signedIn(action);
    } catch (cause) {
      const error = toApiError(cause);
      const again = () => this.#attempt(action);
      if (error.facts.code === "tenant-not-found") this.#showForm();
      else this.#deps.show("This did not work", card("This did not work", problemNotice(error, again)));
    }
  }

  #showForm(note?: string): void {
    const create = (tenant: NewTenant) =>
      this.#signedIn(async () => {
        const made = await this.#deps.api.createTenant(tenant, this.#keyOf(tenant));
        await this.#attempt(() => this.#showTenant(made));
      });
    this.#deps.show("Create your tenant", newTenantView(this.#deps.organisation, create, note));
  }

  async #showTenant(tenant: Tenant): Promise<void> {
    const { show, onTenant } = this.#deps;
    onTenant(tenant);
    switch (tenant.status) {
      case "waiting":
      case "provisioning":
        await this.#showProgress(tenant);
        break;
      case "active":
        show(
          tenant.name,
          activeTenantView(tenant, () => this.#open()),
          billingSection({ ...this.#deps, onPlanChanged: () => this.load() }, tenant),
        );
        break;
      case "suspended":
        show(tenant.name, suspendedTenantView(tenant));
        break;
      case "failed":
        await this.#showFailed(tenant);
        break;
      case "cancelled":
        this.#showForm("Setting up the last tenant was cancelled. You can start again.");
    }
  }

  async #showProgress(tenant: Tenant): Promise<void> {
    const cancel = () => this.#act(tenant, "cancel");
    const retry = () => this.#act(tenant, "retry");
    const view = progressView(tenant, { cancel, retry });
    this.#deps.show(`Setting up ${tenant.name}`, view.root);
    const settled = await followTenant(this.#deps, tenant, view);
    if (settled !== undefined) await this.#showTenant(settled);
  }

  async #showFailed(tenant: Tenant): Promise<void> {
    const operation = await this.#deps.api.operation(tenant.operation);
    const retry = () => this.#act(tenant, "retry");
    this.#deps.show(tenant.name, failedTenantView(tenant, operation, retry));
  }

  #act(tenant: Tenant, action: "cancel" | "retry"): Promise<void> {
    return this.#attempt(async () => {
      await this.#deps.api.actOnOperation(tenant.operation, action);
      await this.load();
    });
  }

  #open(): Promise<void> {
    return this.#signedIn(async () => openStack(await this.#deps.api.launch()));
  }
}

/** Shows the tenant, and what can be done with it; ends when it has settled or cannot be shown. */
export const showTenantPage = (deps: TenantPageDeps): Promise<void> => new TenantPage(deps).load();
