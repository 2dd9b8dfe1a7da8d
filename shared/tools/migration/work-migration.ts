import { isoAfter } from "../../kernel/clock.ts";
import { DomainError } from "../../kernel/errors.ts";
import type { Operation } from "../../operations/operation.ts";
import { isFinal, withStep } from "../../operations/operation.ts";
import type { Migration } from "./migration.ts";
import type { RunMigration } from "./run-migration.ts";
import type { OpenSource } from "./source.ts";
import { SourceLogin } from "./source-login.ts";
import type { MigrationDeps } from "./start-migration.ts";
import { leaseMilliseconds, loginSecretName, stepOf } from "./start-migration.ts";

export interface WorkDeps extends Omit<MigrationDeps, "newId"> {
  readonly runMigration: RunMigration;
  readonly openSource: OpenSource;
}

/** One slice of work on a migration: `more` is to be followed by the next one. */
export type WorkMigration = (migrationId: string) => Promise<"more" | "over">;

/** Long enough to get on, short enough that a function ends in time and a cancellation is soon heard. */
const sliceMilliseconds = 20_000;

type Ending = Pick<Operation, "status" | "error">;

const endingOf = ({ isDryRun, verified }: Migration): Ending => {
  const bad = Object.entries(verified).filter(([, { isComplete }]) => !isComplete);
  if (isDryRun || bad.length === 0) return { status: "succeeded", error: null };
  const names = bad.map(([kind]) => kind).join(", ");
  const detail = `The verification found differences (${names}). See the findings; run it again to catch up.`;
  return { status: "failed", error: { code: "verification-incomplete", detail } };
};

/** Nothing a later slice could do better. */
const isHopeless = (error: unknown): error is DomainError =>
  error instanceof DomainError && (error.code === "forbidden" || error.code === "invalid-input");

/** What is kept about a migration beside its own document: its operation and its login. */
const openLedger = ({ operations, secrets, clock }: WorkDeps) => {
  const readLogin = async (id: string): Promise<SourceLogin> => {
    const secret = await secrets.read(loginSecretName(id));
    if (secret === undefined) throw new DomainError("forbidden", "The login of the source is gone. Start it again.");
    return SourceLogin.parse(JSON.parse(secret));
  };
  const finish = async (owner: string, id: string, ending: Ending): Promise<"over"> => {
    await operations.forOwner(owner).update(id, (operation) => {
      if (isFinal(operation.status)) return undefined;
      const isGood = ending.status === "succeeded";
      const steps = operation.steps.map((step) => {
        if (isGood) return { ...step, state: "done" as const };
        return step.state === "running" ? { ...step, state: "failed" as const } : step;
      });
      return { ...operation, ...ending, steps, updatedAt: clock().toISOString() };
    });
    await secrets.remove(loginSecretName(id));
    return "over";
  };
  const fail = (owner: string, id: string, code: string, detail: string): Promise<"over"> =>
    finish(owner, id, { status: "failed", error: { code, detail } });

  const renew = (migration: Migration) =>
    operations.forOwner(migration.owner).update(migration.id, (operation) => {
      const now = clock();
      const at = now.toISOString();
      const { phase } = migration;
      const stepped = phase === "done" ? operation : withStep(operation, stepOf[phase], "running", at);
      return { ...stepped, leaseUntil: isoAfter(now, leaseMilliseconds), updatedAt: at };
    });

  return { readLogin, finish, fail, renew };
};

export const makeWorkMigration = (deps: WorkDeps): WorkMigration => {
  const { migrations, operations, clock, runMigration, openSource } = deps;
  const { readLogin, finish, fail, renew } = openLedger(deps);
  const carryOn = async (migration: Migration): Promise<"more" | "over"> => {
    const { id, owner } = migration;
    const source = openSource(migration.from, await readLogin(id));
    const until = clock().getTime() + sliceMilliseconds;
    let at: Migration | undefined = migration;
    while (at !== undefined && at.phase !== "done" && clock().getTime() < until) {
      await renew(at);
      const { phase } = at;
      // One phase at a time, so that the operation shows where it is.
      at = await runMigration(id, source, (now) => now.phase !== phase || clock().getTime() >= until);
    }
    if (at?.phase !== "done") return "more";
    return finish(owner, id, endingOf(at));
  };

  return async (id) => {
    const migration = (await migrations.read(id))?.value;
    if (migration === undefined) return "over";
    const { owner } = migration;
    const operation = await operations.forOwner(owner).find(id);
    if (operation === undefined || isFinal(operation.status)) return "over";
    if (operation.cancelRequestedAt !== undefined) return finish(owner, id, { status: "cancelled", error: null });
    if (operation.deadlineAt < clock().toISOString()) {
      return fail(owner, id, "deadline-exceeded", "The migration took too long. Start it again to go on.");
    }
    try {
      return await carryOn(migration);
    } catch (error) {
      if (!isHopeless(error)) throw error;
      return fail(owner, id, error.code, error.message);
    }
  };
};

/** Ends a migration that cannot go on: its worker's retries are used up, or it never came to be. */
export const makeAbandonMigration =
  ({ operations, secrets, clock }: Pick<WorkDeps, "operations" | "secrets" | "clock">) =>
  async (owner: string, id: string, detail: string): Promise<void> => {
    await operations.forOwner(owner).update(id, (operation) =>
      isFinal(operation.status)
        ? undefined
        : {
            ...operation,
            status: "failed",
            error: { code: "source-unavailable", detail },
            updatedAt: clock().toISOString(),
          },
    );
    await secrets.remove(loginSecretName(id));
  };
export type AbandonMigration = ReturnType<typeof makeAbandonMigration>;
