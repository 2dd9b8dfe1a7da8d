import type { ContainerDefinition } from "./document-store.ts";

/**
 * What the whole platform shares: flags, tools with their categories, versions and evaluations, and the ring of launch keys.
 * `kind` says what a document is and is the partition, so that each kind is listed and paged on its own. One definition for
 * all of them: a container has the indexes of whoever opened it last. No more indexes than are asked by: each is written with
 * every one of the thousands of documents of a migration.
 */
export const catalogContainer: ContainerDefinition = {
  name: "catalog",
  partitionKey: "kind",
  indexes: ["key", "category"],
};
