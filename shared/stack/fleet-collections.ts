import {
  json,
  relation,
  select,
  text,
  timestamps,
  wholeNumber,
  type CollectionDefinition,
  type FieldDefinition,
} from "./collection-definition.ts";
import { collectionId } from "./namespace.ts";
import { identityOf, index, memberRules, narrowed, type TenantScope } from "./tenant-scope.ts";

/** Machines of the homelab. `maxNodes` of the tenant bounds them (pb_hooks/guard.pb.js). */
const nodesCollection = (scope: TenantScope): CollectionDefinition => ({
  ...identityOf("nodes", scope),
  type: "base",
  ...memberRules(scope.tenantId),
  fields: [
    text("name", { required: true, max: 100 }),
    text("hostname"),
    text("address"),
    select("kind", ["physical", "virtual", "container", "cloud", "simulated"]),
    select("role", ["controller", "worker", "storage", "gateway"]),
    select("status", ["pending", "online", "offline", "maintenance", "failed"]),
    select("architecture", ["amd64", "arm64", "armv7", "riscv64"]),
    wholeNumber("cpuCores"),
    wholeNumber("memoryMegabytes"),
    json("labels"),
    text("notes", { max: 5000 }),
    ...timestamps,
  ],
  indexes: [index("nodes", scope, ["name"], "UNIQUE"), index("nodes", scope, ["status"])],
});

/** What runs on the nodes. */
const servicesCollection = (scope: TenantScope): CollectionDefinition => ({
  ...identityOf("services", scope),
  type: "base",
  ...memberRules(scope.tenantId),
  fields: [
    text("name", { required: true, max: 100 }),
    relation("node", collectionId("nodes", scope.tenantId), { required: false, cascadeDelete: false }),
    text("image", { max: 500 }),
    text("version", { max: 100 }),
    select("status", ["pending", "running", "stopped", "degraded", "failed"]),
    json("ports"),
    { name: "url", type: "url" },
    ...timestamps,
  ],
  indexes: [index("services", scope, ["node"]), index("services", scope, ["status"])],
});

const outputLog: FieldDefinition = { name: "output", type: "file", protected: true, maxSelect: 1, maxSize: 5_242_880 };

/** One installation or change of a service from a StackKit. Who asked for it cannot be made up. */
const deploymentsCollection = (scope: TenantScope): CollectionDefinition => ({
  ...identityOf("deployments", scope),
  type: "base",
  ...memberRules(scope.tenantId),
  createRule: narrowed(scope.tenantId, "requestedBy = @request.auth.id"),
  updateRule: narrowed(scope.tenantId, "@request.body.requestedBy:changed = false"),
  fields: [
    relation("service", collectionId("services", scope.tenantId), { required: false, cascadeDelete: true }),
    text("kitId", { max: 100 }),
    text("kitVersion", { max: 50 }),
    select("status", ["pending", "running", "succeeded", "failed", "cancelled"]),
    json("spec", 262_144),
    relation("requestedBy", collectionId("users", scope.tenantId), { required: false, cascadeDelete: false }),
    outputLog,
    ...timestamps,
  ],
  indexes: [index("deployments", scope, ["service"]), index("deployments", scope, ["status"])],
});

/** Machines, what runs on them, and how it came there. */
export const fleetCollections = (scope: TenantScope): readonly CollectionDefinition[] => [
  nodesCollection(scope),
  servicesCollection(scope),
  deploymentsCollection(scope),
];
