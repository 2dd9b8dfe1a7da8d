import type { HttpResponseInit } from "@azure/functions";
import type { DocumentStore } from "../../shared/documents/document-store.ts";
import type { Clock } from "../../shared/kernel/clock.ts";
import type { NewId } from "../../shared/kernel/ids.ts";
import type { SecretStore } from "../../shared/secrets/secret-store.ts";
import type { CatalogStore } from "../../shared/tools/catalog-store.ts";
import { openCatalogStore } from "../../shared/tools/catalog-store.ts";
import type { EditCategory } from "../../shared/tools/edit-category.ts";
import { makeEditCategory } from "../../shared/tools/edit-category.ts";
import type { EditToolParts } from "../../shared/tools/edit-tool-parts.ts";
import { makeEditToolParts } from "../../shared/tools/edit-tool-parts.ts";
import type { EditTool } from "../../shared/tools/edit-tool.ts";
import { makeEditTool } from "../../shared/tools/edit-tool.ts";
import type { ImportTools } from "../../shared/tools/import-tools.ts";
import { makeImportTools } from "../../shared/tools/import-tools.ts";
import type { MigrationStore } from "../../shared/tools/migration/migration-store.ts";
import { openMigrationStore } from "../../shared/tools/migration/migration-store.ts";
import { makeRunMigration } from "../../shared/tools/migration/run-migration.ts";
import type { OpenSource } from "../../shared/tools/migration/source.ts";
import type { MigrationOperations, StartMigration } from "../../shared/tools/migration/start-migration.ts";
import { makeStartMigration } from "../../shared/tools/migration/start-migration.ts";
import type { AbandonMigration, WorkMigration } from "../../shared/tools/migration/work-migration.ts";
import { makeAbandonMigration, makeWorkMigration } from "../../shared/tools/migration/work-migration.ts";
import type { WordIndex } from "../../shared/tools/ports.ts";
import type { SearchTools } from "../../shared/tools/search-tools.ts";
import { makeSearchTools } from "../../shared/tools/search-tools.ts";
import { makeWarmCatalogs } from "../../shared/tools/warm-catalog.ts";
import type { MigratingOf, ReconcileMigrations } from "./migration-workflows.ts";
import { buildMigrationControls, makeReconcileMigrations, migratingOf } from "./migration-workflows.ts";
import { readImport } from "./read-import.ts";
import { toolsFile } from "./transfer.http.ts";

interface ToolsParts {
  readonly operations: MigrationOperations;
  readonly secrets: SecretStore;
  readonly openCatalogSource: OpenSource;
  readonly documents: DocumentStore;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly newWordIndex: () => WordIndex;
}

export interface ToolsServices {
  readonly readImport: typeof readImport;
  readonly toolsFile: (format: "csv" | "json") => HttpResponseInit;
  readonly migrations: MigrationStore;
  readonly startMigration: StartMigration;
  readonly workMigration: WorkMigration;
  readonly abandonMigration: AbandonMigration;
  readonly reconcileMigrations: ReconcileMigrations;
  readonly migrationControls: ReturnType<typeof buildMigrationControls>;
  readonly migratingOf: MigratingOf;
  readonly catalog: CatalogStore;
  readonly editTool: EditTool;
  readonly editToolParts: EditToolParts;
  readonly editCategory: EditCategory;
  readonly importTools: ImportTools;
  readonly searchTools: SearchTools;
  /** To be called after every write, so that who wrote sees it at once. */
  readonly catalogChanged: () => void;
}

const buildMigration = (parts: ToolsParts, catalog: CatalogStore) => {
  const migrations = openMigrationStore(parts.documents);
  const deps = { ...parts, migrations };
  const runMigration = makeRunMigration({ ...deps, catalog });
  const abandonMigration = makeAbandonMigration(deps);
  return {
    migrations,
    abandonMigration,
    migratingOf,
    startMigration: makeStartMigration(deps),
    workMigration: makeWorkMigration({ ...deps, runMigration, openSource: parts.openCatalogSource }),
    reconcileMigrations: makeReconcileMigrations({ ...deps, abandonMigration }),
    migrationControls: buildMigrationControls(deps),
  };
};

/** The use cases of the tool catalog, wired once. */
export const buildToolsServices = (parts: ToolsParts): ToolsServices => {
  const { documents, clock, newId, newWordIndex } = parts;
  const catalog = openCatalogStore(documents);
  const deps = { catalog, clock, newId };
  const editTool = makeEditTool(deps);
  const editToolParts = makeEditToolParts(deps);
  const editCategory = makeEditCategory(deps);
  const warm = makeWarmCatalogs({ catalog, clock, newWordIndex });
  return {
    catalog,
    editTool,
    editToolParts,
    editCategory,
    importTools: makeImportTools({ catalog, editTool, editToolParts, editCategory }),
    searchTools: makeSearchTools({ warm }),
    catalogChanged: () => warm.changed(),
    readImport,
    toolsFile: (format) => toolsFile(catalog, format),
    ...buildMigration(parts, catalog),
  };
};
