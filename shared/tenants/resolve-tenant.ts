import type { UniqueNames } from "../documents/unique-names.ts";
import type { Caller } from "../gateway/caller.ts";
import { DomainError } from "../kernel/errors.ts";
import type { DescribeTenant, PlacedTenant } from "./find-tenant.ts";
import { slugName } from "./slug-name.ts";
import type { TenantStore } from "./tenant-store.ts";
import { standingOf } from "./tenant.ts";

export interface ResolveTenantDeps {
  readonly tenants: TenantStore;
  readonly names: Pick<UniqueNames, "ownerOf">;
  readonly describe: DescribeTenant;
}

export type ResolveTenant = (caller: Caller, slug: string) => Promise<PlacedTenant>;

/**
 * The tenant of this slug, for its own people and for operators. Another organisation's tenant is as unknown as one that
 * does not exist. @throws DomainError `tenant-not-found`, `tenant-suspended`, `tenant-not-active`
 */
export const makeResolveTenant =
  ({ tenants, names, describe }: ResolveTenantDeps): ResolveTenant =>
  async (caller, slug) => {
    const tenantId = await names.ownerOf(slugName(slug));
    const tenant = tenantId === undefined ? undefined : (await tenants.forTenant(tenantId).read())?.value;
    const isVisible = tenant?.slug === slug && (tenant.orgId === caller.orgId || caller.isOperator);
    if (tenant === undefined || !isVisible) throw new DomainError("tenant-not-found", "There is no such tenant.");
    if (standingOf(tenant) === "suspended") {
      throw new DomainError("tenant-suspended", "This tenant is suspended. Ask your organisation's administrator.");
    }
    if (tenant.status !== "active") {
      throw new DomainError("tenant-not-active", `The tenant is ${tenant.status}.`, {
        facts: { tenantStatus: tenant.status },
      });
    }
    return describe(tenant);
  };
