/** Names of the catalog's migration on the outside (task hub, portal, logs). */
export const migrateCatalogOrchestrator = "migrate-catalog";

export const migrateCatalogActivity = {
  work: "work-on-migration",
  abandon: "abandon-migration",
} as const;

export const migrationWorkflowIdOf = (migrationId: string): string => `migration-${migrationId}`;
