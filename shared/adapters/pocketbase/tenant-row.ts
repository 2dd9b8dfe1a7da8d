import type PocketBase from "pocketbase";
import { ClientResponseError } from "pocketbase";
import { DomainError } from "../../kernel/errors.ts";
import type { TenantLimits, TenantSpace } from "../../stack/stack.ts";
import { tenantsCollectionName } from "../../stack/system-collections.ts";

const hasStatus = (error: unknown, status: number): boolean =>
  error instanceof ClientResponseError && error.status === status;

const facts = (space: TenantSpace): Readonly<Record<string, unknown>> => ({
  slug: space.slug,
  name: space.name,
  zitadelOrgId: space.orgId,
  plan: space.plan,
  maxUsers: space.maxUsers,
  maxNodes: space.maxNodes,
  maxServices: space.maxServices,
  storageMegabytesMax: space.storageMegabytesMax,
});

const findNamespace = async (client: PocketBase, tenantId: string): Promise<unknown> => {
  try {
    const row = await client.collection(tenantsCollectionName).getOne<{ readonly namespace?: unknown }>(tenantId);
    return row.namespace;
  } catch (error) {
    if (hasStatus(error, 404)) return undefined;
    throw error;
  }
};

/**
 * Writes the tenant's row of `_tenants`, which also claims the namespace on this instance (unique index). One request
 * for a new tenant; for a known one the facts are refreshed, while status and namespace stay.
 * @throws DomainError `conflict` when namespace, slug or organisation are another tenant's here
 */
export const upsertTenantRow = async (client: PocketBase, space: TenantSpace): Promise<void> => {
  const rows = client.collection(tenantsCollectionName);
  try {
    await rows.create({ id: space.tenantId, namespace: space.namespace, status: "active", ...facts(space) });
  } catch (error) {
    if (!hasStatus(error, 400)) throw error;
    if ((await findNamespace(client, space.tenantId)) !== space.namespace) {
      throw new DomainError("conflict", "The Stack instance has another tenant with this slug, namespace or id.", {
        cause: error,
      });
    }
    await rows.update(space.tenantId, facts(space));
  }
};

/** @throws ClientResponseError 404 when the instance does not know the tenant */
export const writeTenantStatus = async (
  client: PocketBase,
  tenantId: string,
  status: "active" | "suspended",
): Promise<void> => {
  await client.collection(tenantsCollectionName).update(tenantId, { status });
};

/** False: the instance does not know the tenant. */
export const writeTenantLimits = async (
  client: PocketBase,
  { tenantId, plan, maxUsers, maxNodes, maxServices, storageMegabytesMax }: TenantLimits,
): Promise<boolean> => {
  try {
    const row = { plan, maxUsers, maxNodes, maxServices, storageMegabytesMax };
    await client.collection(tenantsCollectionName).update(tenantId, row);
    return true;
  } catch (error) {
    if (hasStatus(error, 404)) return false;
    throw error;
  }
};
