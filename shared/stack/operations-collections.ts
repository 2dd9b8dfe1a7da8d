import {
  date,
  json,
  select,
  text,
  timestamps,
  wholeNumber,
  type CollectionDefinition,
} from "./collection-definition.ts";
import { adminOnly, identityOf, index, memberRules, tenantClause, type TenantScope } from "./tenant-scope.ts";

/** Work for the homelab's agents. */
const jobsCollection = (scope: TenantScope): CollectionDefinition => ({
  ...identityOf("jobs", scope),
  type: "base",
  ...memberRules(scope.tenantId),
  fields: [
    text("kind", { required: true, max: 100 }),
    select("status", ["queued", "running", "succeeded", "failed", "cancelled"]),
    json("payload"),
    json("result"),
    wholeNumber("attempts"),
    date("scheduledAt"),
    ...timestamps,
  ],
  indexes: [index("jobs", scope, ["status", "scheduledAt"])],
});

/** What happened. Events are added, never changed; administrators may clear old ones. */
const eventsCollection = (scope: TenantScope): CollectionDefinition => ({
  ...identityOf("events", scope),
  type: "base",
  ...memberRules(scope.tenantId),
  updateRule: null,
  deleteRule: adminOnly(scope.tenantId),
  fields: [
    text("kind", { required: true, max: 100 }),
    select("severity", ["debug", "info", "warning", "error", "critical"]),
    text("message", { max: 2000 }),
    text("source", { max: 200 }),
    json("data"),
    ...timestamps,
  ],
  indexes: [index("events", scope, ["created"]), index("events", scope, ["kind"])],
});

/** Passwords and keys of the homelab. Administrators only, reading included. */
const secretsCollection = (scope: TenantScope): CollectionDefinition => {
  const rule = adminOnly(scope.tenantId);
  return {
    ...identityOf("secrets", scope),
    type: "base",
    listRule: rule,
    viewRule: rule,
    createRule: rule,
    updateRule: rule,
    deleteRule: rule,
    fields: [
      text("name", { required: true, max: 100 }),
      text("value", { required: true, max: 20_000 }),
      text("description", { max: 1000 }),
      ...timestamps,
    ],
    indexes: [index("secrets", scope, ["name"], "UNIQUE")],
  };
};

/** Settings of the homelab: everybody reads, administrators write. */
const settingsCollection = (scope: TenantScope): CollectionDefinition => {
  const read = tenantClause(scope.tenantId);
  const write = adminOnly(scope.tenantId);
  return {
    ...identityOf("settings", scope),
    type: "base",
    listRule: read,
    viewRule: read,
    createRule: write,
    updateRule: write,
    deleteRule: write,
    fields: [text("key", { required: true, max: 100 }), json("value"), ...timestamps],
    indexes: [index("settings", scope, ["key"], "UNIQUE")],
  };
};

/** What is to be done, what happened, and how the homelab is set up. */
export const operationsCollections = (scope: TenantScope): readonly CollectionDefinition[] => [
  jobsCollection(scope),
  eventsCollection(scope),
  secretsCollection(scope),
  settingsCollection(scope),
];
