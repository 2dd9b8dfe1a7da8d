import type { ContainerDefinition } from "../documents/document-store.ts";

/** What is kept of a tenant's dealings with kits: counts of downloads, and whose turn it is to change its Stack. */
export const tenantKitsContainer: ContainerDefinition = {
  name: "stackkits",
  partitionKey: "tenantId",
  indexes: [],
};
