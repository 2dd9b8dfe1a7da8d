import type { OrchestrationContext, Task } from "durable-functions";
import { RetryOptions } from "durable-functions";
import { migrateCatalogActivity as activity } from "./migrate-catalog.names.ts";

/** About a quarter of an hour without an answer of the source; then the migration is given up, and can be started again. */
const retry = new RetryOptions(2_000, 12);
retry.backoffCoefficient = 2;
retry.maxRetryIntervalInMilliseconds = 120_000;

/** A run's history stays short: each slice adds to it, and all of it is read again after each. */
const slicesMax = 50;

export interface MigrationWork {
  readonly migrationId: string;
}

/** Slice after slice until the migration is over. Its input is an id only: no address and no login gets into a history. */
export function* migrateCatalog(
  context: OrchestrationContext,
): Generator<Task, "over" | "more" | "abandoned", unknown> {
  const work = context.df.getInput<MigrationWork>();
  try {
    for (let slice = 0; slice < slicesMax; slice += 1) {
      if ((yield context.df.callActivityWithRetry(activity.work, retry, work)) === "over") return "over";
    }
  } catch {
    // What the activity threw is in the log; what people are told is kept with the operation.
    yield context.df.callActivityWithRetry(activity.abandon, retry, work);
    return "abandoned";
  }
  context.df.continueAsNew(work);
  return "more";
}
