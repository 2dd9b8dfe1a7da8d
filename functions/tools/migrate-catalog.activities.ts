import { z } from "zod";
import type { MigrationStore } from "../../shared/tools/migration/migration-store.ts";
import type { AbandonMigration, WorkMigration } from "../../shared/tools/migration/work-migration.ts";
import { migrateCatalogActivity as activity } from "./migrate-catalog.names.ts";

interface Deps {
  readonly workMigration: WorkMigration;
  readonly abandonMigration: AbandonMigration;
  readonly migrations: MigrationStore;
  readonly catalogChanged: () => void;
}

const Work = z.object({ migrationId: z.string() });

/** The workflow's activities. Each may run more than once. */
export const migrateCatalogActivities = (deps: Deps) => [
  {
    name: activity.work,
    run: async (input: unknown): Promise<"more" | "over"> => {
      const outcome = await deps.workMigration(Work.parse(input).migrationId);
      deps.catalogChanged();
      return outcome;
    },
  },
  {
    name: activity.abandon,
    run: async (input: unknown): Promise<void> => {
      const migration = (await deps.migrations.read(Work.parse(input).migrationId))?.value;
      if (migration === undefined) return;
      await deps.abandonMigration(migration.owner, migration.id, "The source or the catalog could not be reached.");
    },
  },
];
