import type { CollectionDefinition, CollectionRules } from "./collection-definition.ts";
import { collectionId, collectionName, type BaseName } from "./namespace.ts";

/** Whose collections are meant. */
export interface TenantScope {
  readonly tenantId: string;
  readonly namespace: string;
}

/** The one condition every rule of a tenant's collection starts with: the caller is a user of this very tenant. */
export const tenantClause = (tenantId: string): string =>
  `@request.auth.collectionId = "${collectionId("users", tenantId)}"`;

/** The tenant's clause, narrowed by a further condition. */
export const narrowed = (tenantId: string, condition: string): string => `${tenantClause(tenantId)} && (${condition})`;

/** Administrators of the Stack only. */
export const adminOnly = (tenantId: string): string => narrowed(tenantId, '@request.auth.role = "admin"');

/** Every user of the tenant may do everything. */
export const memberRules = (tenantId: string): CollectionRules => {
  const rule = tenantClause(tenantId);
  return { listRule: rule, viewRule: rule, createRule: rule, updateRule: rule, deleteRule: rule };
};

export const identityOf = (
  base: BaseName,
  { tenantId, namespace }: TenantScope,
): Pick<CollectionDefinition, "id" | "name"> => ({
  id: collectionId(base, tenantId),
  name: collectionName(base, namespace),
});

/**
 * An index of a tenant's collection. Index names are global in SQLite, so the name ends in the namespace, behind `__`,
 * which no namespace and no field name holds.
 */
export const index = (
  base: BaseName,
  { namespace }: TenantScope,
  columns: readonly string[],
  unique: "UNIQUE" | "" = "",
): string => {
  const kind = unique === "" ? "CREATE INDEX" : "CREATE UNIQUE INDEX";
  const list = columns.map((column) => `\`${column}\``).join(", ");
  return `${kind} \`idx_${base}_${columns.join("_")}__${namespace}\` ON \`${collectionName(base, namespace)}\` (${list})`;
};
