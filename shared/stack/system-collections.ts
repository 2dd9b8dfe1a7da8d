import {
  date,
  relation,
  select,
  text,
  timestamps,
  wholeNumber,
  type CollectionDefinition,
  type CollectionRules,
  type FieldDefinition,
} from "./collection-definition.ts";

export const tenantsCollectionName = "_tenants";

const tenantsId = "kombify_tenants";

/** Superusers only: the control plane and the hooks. */
const closed: CollectionRules = {
  listRule: null,
  viewRule: null,
  createRule: null,
  updateRule: null,
  deleteRule: null,
};

/** The control plane's tenant id, which is longer than the ids PocketBase makes. */
const tenantIdField: FieldDefinition = {
  name: "id",
  type: "text",
  system: true,
  primaryKey: true,
  required: true,
  min: 15,
  max: 40,
  pattern: "^[a-z0-9]+$",
  autogeneratePattern: "[a-z0-9]{15}",
};

const tenants: CollectionDefinition = {
  id: tenantsId,
  name: tenantsCollectionName,
  type: "base",
  ...closed,
  fields: [
    tenantIdField,
    text("slug", { required: true, max: 63 }),
    text("namespace", { required: true, max: 63, pattern: "^[a-z][a-z0-9_]*$" }),
    text("name", { required: true, max: 200 }),
    text("zitadelOrgId", { required: true }),
    select("plan", ["free", "pro", "enterprise"], true),
    wholeNumber("maxUsers"),
    wholeNumber("maxNodes"),
    wholeNumber("maxServices"),
    wholeNumber("storageMegabytesMax"),
    // What the tenant stores now; written by the hooks alone (pb_hooks/usage.js).
    wholeNumber("storageBytes"),
    select("status", ["active", "suspended", "deleted"], true),
    ...timestamps,
  ],
  indexes: [
    "CREATE UNIQUE INDEX `idx_kombify_tenants_slug` ON `_tenants` (`slug`)",
    "CREATE UNIQUE INDEX `idx_kombify_tenants_namespace` ON `_tenants` (`namespace`)",
    "CREATE UNIQUE INDEX `idx_kombify_tenants_organisation` ON `_tenants` (`zitadelOrgId`)",
  ],
};

const ssoMappings: CollectionDefinition = {
  id: "kombify_sso_mappings",
  name: "_sso_mappings",
  type: "base",
  ...closed,
  fields: [
    text("zitadelSub", { required: true }),
    relation("tenantId", tenantsId, { required: true, cascadeDelete: true }),
    text("pbUserId", { required: true, max: 100 }),
    { name: "isAdmin", type: "bool" },
    { name: "isFounder", type: "bool" },
    date("lastLogin"),
    ...timestamps,
  ],
  indexes: ["CREATE UNIQUE INDEX `idx_kombify_sso_mappings_person` ON `_sso_mappings` (`tenantId`, `zitadelSub`)"],
};

/** One record: which revision of the platform's flags all tenants of this instance have. */
export const flagStateCollection: CollectionDefinition = {
  id: "kombify_flag_state",
  name: "_flag_state",
  type: "base",
  ...closed,
  fields: [wholeNumber("revision"), ...timestamps],
  indexes: [],
};

/** What a Stack instance must know of its tenants (seed Task 1.2). Not `system: true`: such a collection is frozen. */
export const systemCollections: readonly CollectionDefinition[] = [tenants, ssoMappings, flagStateCollection];
