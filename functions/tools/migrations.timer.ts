import type { InvocationContext } from "@azure/functions";
import type { MigratingOf, ReconcileMigrations } from "./migration-workflows.ts";

interface Deps {
  readonly reconcileMigrations: ReconcileMigrations;
  readonly migratingOf: MigratingOf;
}

/** Every minute: no migration waits for a worker that is gone. */
export const reconcileMigrationsTimer = ({ reconcileMigrations, migratingOf }: Deps) => ({
  name: "reconcile-migrations",
  schedule: "20 * * * * *",
  startsWorkflows: true as const,
  run: (context: InvocationContext): Promise<void> => reconcileMigrations(migratingOf(context)),
});
