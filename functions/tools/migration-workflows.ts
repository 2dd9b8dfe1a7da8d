import type { InvocationContext } from "@azure/functions";
import type { Clock } from "../../shared/kernel/clock.ts";
import type { Caller } from "../../shared/gateway/caller.ts";
import { requireOrganisation } from "../../shared/gateway/caller.ts";
import { DomainError } from "../../shared/kernel/errors.ts";
import type { Operation } from "../../shared/operations/operation.ts";
import { isMigrationCancellable } from "../../shared/operations/operation.ts";
import type { MigrationOperations } from "../../shared/tools/migration/start-migration.ts";
import type { MigrationStore } from "../../shared/tools/migration/migration-store.ts";
import type { AbandonMigration } from "../../shared/tools/migration/work-migration.ts";
import { workflowsOf } from "../http/workflows.ts";
import { migrateCatalogOrchestrator, migrationWorkflowIdOf } from "./migrate-catalog.names.ts";

/** Starts the work on a migration through this invocation's durable client. */
export type MigratingOf = (context: InvocationContext) => (migrationId: string) => Promise<void>;

export const migratingOf: MigratingOf = (context) => (migrationId) =>
  workflowsOf(context)(migrateCatalogOrchestrator, migrationWorkflowIdOf(migrationId), { migrationId });

interface ControlDeps {
  readonly operations: MigrationOperations;
  readonly clock: Clock;
}

/** A cancellation is heard by the slice that is under way or the next one. What was migrated stays. */
export const buildMigrationControls = ({ operations, clock }: ControlDeps) => ({
  cancel: async (caller: Caller, id: string): Promise<Operation> => {
    const at = clock().toISOString();
    const cancelled = await operations
      .forOwner(requireOrganisation(caller))
      .update(id, (operation) =>
        isMigrationCancellable(operation) ? { ...operation, cancelRequestedAt: at, updatedAt: at } : undefined,
      );
    if (cancelled?.cancelRequestedAt !== undefined) return cancelled;
    throw new DomainError("operation-not-cancellable", "The migration is over.");
  },
  retry: (): Promise<Operation> =>
    Promise.reject(
      new DomainError("operation-not-retryable", "Start the migration again: what is done is passed over quickly."),
    ),
});

const operationsMax = 100;

/** Takes up migrations whose worker is gone, and ends those that never came to be. */
export const makeReconcileMigrations =
  ({
    operations,
    migrations,
    abandonMigration,
  }: {
    readonly operations: MigrationOperations;
    readonly migrations: MigrationStore;
    readonly abandonMigration: AbandonMigration;
  }) =>
  async (start: (migrationId: string) => Promise<void>): Promise<void> => {
    for (const { id, kind, owner } of await operations.running(operationsMax)) {
      if (kind !== "migrate-catalog") continue;
      if ((await migrations.read(id)) === undefined)
        await abandonMigration(owner, id, "The migration was not accepted.");
      else await start(id);
    }
  };
export type ReconcileMigrations = ReturnType<typeof makeReconcileMigrations>;
