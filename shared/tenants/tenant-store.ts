import type { DocumentStore, Stored } from "../documents/document-store.ts";
import type { TenantStatus } from "./tenant.ts";
import { Tenant, tenantsContainer } from "./tenant.ts";

/** One tenant's document. */
export interface OneTenant {
  read(): Promise<Stored<Tenant> | undefined>;
  /** @throws DocumentConflict when the organisation has a tenant document already */
  create(tenant: Tenant): Promise<Stored<Tenant>>;
  /** @throws DocumentChanged when it is no longer as it was read */
  replace(tenant: Tenant, etag: string): Promise<Stored<Tenant>>;
}

export interface TenantStore {
  forTenant(tenantId: string): OneTenant;
  /** For operators and timers: tenants in one state, in order of acceptance, after `afterSortKey`. */
  inOrder(status: TenantStatus | undefined, limit: number, afterSortKey?: string): Promise<readonly Tenant[]>;
}

export const openTenantStore = (store: DocumentStore): TenantStore => {
  const tenants = store.container(tenantsContainer, (raw) => Tenant.parse(raw));
  return {
    forTenant: (tenantId) => ({
      read: () => tenants.read(tenantId, "tenant"),
      create: (tenant) => tenants.create({ ...tenant, tenantId }),
      replace: (tenant, etag) => tenants.replace({ ...tenant, tenantId }, etag),
    }),
    async inOrder(status, limit, afterSortKey) {
      const found = await tenants.query({
        equal: { type: "tenant", ...(status === undefined ? {} : { status }) },
        ...(afterSortKey === undefined ? {} : { range: { sortKey: { greaterThan: afterSortKey } } }),
        orderBy: { member: "sortKey", direction: "ascending" },
        limit,
      });
      return found.map(({ value }) => value);
    },
  };
};
