import { json, text, timestamps, wholeNumber, type CollectionDefinition } from "./collection-definition.ts";
import { identityOf, index, tenantClause, type TenantScope } from "./tenant-scope.ts";

/** The platform's flags as they were evaluated for this tenant: everybody of it reads, the control plane alone writes. */
export const flagsCollection = (scope: TenantScope): CollectionDefinition => {
  const read = tenantClause(scope.tenantId);
  return {
    ...identityOf("flags", scope),
    type: "base",
    listRule: read,
    viewRule: read,
    createRule: null,
    updateRule: null,
    deleteRule: null,
    fields: [
      text("key", { required: true, max: 63 }),
      json("value", 4_096),
      text("variant", { max: 32 }),
      text("reason", { max: 32 }),
      wholeNumber("revision"),
      ...timestamps,
    ],
    indexes: [index("flags", scope, ["key"], "UNIQUE")],
  };
};
