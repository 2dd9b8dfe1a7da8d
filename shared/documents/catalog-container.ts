import type { ContainerDefinition } from "./document-store.ts";

/**
 * What the whole platform shares: flags, tools with their categories, versions and evaluations, and the ring of launch keys.
 * `kind` says what a document is and is the partition, so that each kind is listed and paged on its own. One definition for
 * all of them: a container has the indexes of whoever opened it last.
 */
export const catalogContainer: ContainerDefinition = {
  name: "catalog",
  partitionKey: "kind",
  indexes: ["kind", "id", "key", "slug", "status", "updatedAt", "category", "name", "publishedAt", "revision"],
};
