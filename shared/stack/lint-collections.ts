import type { CollectionDefinition } from "./collection-definition.ts";
import { baseNames, collectionId, collectionName } from "./namespace.ts";
import { tenantClause, type TenantScope } from "./tenant-scope.ts";

/** True for a conjunction of bracketed groups only: `(a) && (b || c)`. Then no `||` can undo what stands before. */
const isConjunctionOfGroups = (text: string): boolean => {
  let rest = text.replaceAll(/"[^"\\]*"|'[^'\\]*'/gu, "");
  if (/[#"'\\]/u.test(rest)) return false;
  for (let before = ""; before !== rest;) {
    before = rest;
    rest = rest.replaceAll(/\([^()]*\)/gu, "#");
  }
  return /^#( && #)*$/u.test(rest);
};

const isIsolated = (rule: string | null, clause: string): boolean =>
  rule === null ||
  rule === clause ||
  (rule.startsWith(`${clause} && `) && isConjunctionOfGroups(rule.slice(clause.length + 4)));

const ruleNames = ["listRule", "viewRule", "createRule", "updateRule", "deleteRule"] as const;

const lintRules = (collection: CollectionDefinition, clause: string): readonly string[] => [
  ...ruleNames
    .filter((rule) => !isIsolated(collection[rule], clause))
    .map((rule) => `${rule} does not start with the tenant's clause`),
  ...((collection["manageRule"] ?? null) === null ? [] : ["manageRule must be null"]),
];

const lintFields = (collection: CollectionDefinition, ownIds: ReadonlySet<string>): readonly string[] =>
  collection.fields.flatMap((field) => {
    if (field.type === "file" && field.protected !== true) return [`file field ${field.name} is not protected`];
    if (field.type === "relation" && !ownIds.has(field.collectionId ?? "")) {
      return [`relation ${field.name} leaves the tenant`];
    }
    return [];
  });

const lintIndexes = ({ indexes, name }: CollectionDefinition, namespace: string): readonly string[] =>
  indexes.flatMap((statement) => {
    const match = /^CREATE (?:UNIQUE )?INDEX `(\w+)` ON `(\w+)` /u.exec(statement);
    if (match?.[1]?.endsWith(`__${namespace}`) !== true) return [`index does not carry the namespace: ${statement}`];
    return match[2] === name ? [] : [`index is on another collection: ${statement}`];
  });

/**
 * Holds a tenant's collections against docs/decisions/0003-stack-collections.md: own name and id, every rule bound to the tenant's
 * users, protected files, relations inside the tenant, index names with the namespace. An empty list means isolated.
 */
export const lintCollections = (
  collections: readonly CollectionDefinition[],
  { tenantId, namespace }: TenantScope,
): readonly string[] => {
  const ownIds = new Set(baseNames.map((base) => collectionId(base, tenantId)));
  const clause = tenantClause(tenantId);
  return collections.flatMap((collection) => {
    const base = baseNames.find((candidate) => collectionName(candidate, namespace) === collection.name);
    const identity =
      base !== undefined && collection.id === collectionId(base, tenantId) ? [] : ["name or id is not the tenant's"];
    const findings = [
      ...identity,
      ...lintRules(collection, clause),
      ...lintFields(collection, ownIds),
      ...lintIndexes(collection, namespace),
    ];
    return findings.map((finding) => `${collection.name}: ${finding}`);
  });
};
