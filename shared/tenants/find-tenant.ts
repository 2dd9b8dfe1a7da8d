import type { Caller } from "../gateway/caller.ts";
import { requireOrganisation } from "../gateway/caller.ts";
import { DomainError } from "../kernel/errors.ts";
import type { InstancePool } from "./ports.ts";
import type { TenantStore } from "./tenant-store.ts";
import type { Tenant } from "./tenant.ts";
import { tenantIdOf } from "./tenant.ts";

export interface PlacedTenant {
  readonly tenant: Tenant;
  /** Where the tenant's Stack is reached from outside; known once it is placed. */
  readonly publicEndpoint: string | undefined;
}

export type FindTenant = (caller: Caller) => Promise<PlacedTenant>;
export type DescribeTenant = (tenant: Tenant) => Promise<PlacedTenant>;

export const makeDescribeTenant =
  ({ instances }: { readonly instances: InstancePool }): DescribeTenant =>
  async (tenant) => {
    const endpoints = tenant.placement === null ? undefined : await instances.endpoints(tenant.placement);
    return { tenant, publicEndpoint: endpoints?.publicEndpoint };
  };

/** The tenant of the caller's organisation. @throws DomainError `tenant-not-found`, `organisation-missing` */
export const makeFindTenant =
  (deps: { readonly tenants: TenantStore; readonly describe: DescribeTenant }): FindTenant =>
  async (caller) => {
    const found = await deps.tenants.forTenant(tenantIdOf(requireOrganisation(caller))).read();
    if (found === undefined || found.value.status === "cancelled") {
      throw new DomainError(
        "tenant-not-found",
        "Your organisation has no tenant yet. Create one with POST /api/tenant.",
      );
    }
    return deps.describe(found.value);
  };
