/**
 * The collections every tenant owns. No name holds `_`, so `<base>_<namespace>` splits in one way only and no base is
 * the beginning of another followed by `_`. The Stack's hooks keep the same list (pb_hooks/tenancy.js).
 */
export const baseNames = [
  "users",
  "nodes",
  "services",
  "deployments",
  "jobs",
  "events",
  "secrets",
  "settings",
  "flags",
] as const;
export type BaseName = (typeof baseNames)[number];

/** One to one, because a slug holds no `_`. */
export const namespaceOf = (slug: string): string => slug.replaceAll("-", "_");

export const collectionName = (base: BaseName, namespace: string): string => `${base}_${namespace}`;

/** Stable through renames. Never equal to a collection's name: a tenant id is longer than any base. */
export const collectionId = (base: BaseName, tenantId: string): string => `${tenantId}_${base}`;

/** Which base and namespace a collection belongs to; undefined for one that is no tenant's. */
export const parseCollectionName = (name: string): { base: BaseName; namespace: string } | undefined => {
  const cut = name.indexOf("_");
  const base = baseNames.find((candidate) => candidate === name.slice(0, cut));
  const namespace = name.slice(cut + 1);
  return base === undefined || cut < 1 || namespace === "" ? undefined : { base, namespace };
};
