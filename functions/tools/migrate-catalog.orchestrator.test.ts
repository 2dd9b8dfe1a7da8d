import { expect, test } from "vitest";
import { aCaller } from "../../tests/support/builders.ts";
import { aCatalog } from "../../tests/support/catalog.ts";
import { hubModel } from "../../tests/support/hub-model.ts";
import { StartMigrationCommand } from "../../shared/tools/migration/start-migration.ts";
import { migrateCatalogActivity as activity, migrateCatalogOrchestrator } from "./migrate-catalog.names.ts";
import { migrateCatalog } from "./migrate-catalog.orchestrator.ts";

type Outcome = "more" | "over" | Error;

/** Runs the workflow; outcomes of slices come one after the other, the last one is repeated. Timers take no time. */
const run = async (outcomes: readonly Outcome[], killAtStep = 0) => {
  let now = 0;
  let step = 0;
  let isKilled = false;
  const calls: string[] = [];
  const inputs = new Set<string>();
  const hub = hubModel({
    orchestrators: { [migrateCatalogOrchestrator]: migrateCatalog },
    runActivity: (name, input) => {
      inputs.add(JSON.stringify(input));
      calls.push(name);
      if (name === activity.abandon) return Promise.resolve(undefined);
      const slices = calls.filter((called) => called === activity.work).length;
      const outcome = outcomes[Math.min(slices, outcomes.length) - 1];
      return outcome instanceof Error ? Promise.reject(outcome) : Promise.resolve(outcome);
    },
    now: () => now,
    advanceTo: (time) => {
      now = Math.max(now, time);
    },
    isDead: () => false,
    atStep: (moment) => {
      step += 1;
      if (moment === "before" && step === killAtStep) {
        isKilled = true;
        throw new Error("killed");
      }
      return Promise.resolve();
    },
  });
  await hub.start(migrateCatalogOrchestrator, "migration-one", { migrationId: "one" });
  await hub.run().catch((error: unknown) => {
    if (!isKilled) throw error;
    return hub.run();
  });
  expect([...inputs]).toEqual([JSON.stringify({ migrationId: "one" })]);
  return { result: hub.outputs()[0], calls, elapsedSeconds: now / 1000 };
};

const slices = (count: number): string[] => Array.from({ length: count }, () => activity.work);
const down = new Error("The source did not answer as a PocketBase does.");

test("works slice after slice until it is over, over as many runs as it takes", async () => {
  const outcomes = [...Array.from({ length: 120 }, () => "more" as const), "over" as const];
  expect(await run(outcomes)).toMatchObject({ result: "over", calls: slices(121), elapsedSeconds: 0 });
});

test("waits ever longer for a source that is away, then gives the migration up with a word to its operation", async () => {
  expect(await run(["more", down, down, "over"])).toMatchObject({ result: "over", elapsedSeconds: 2 + 4 });
  const { result, calls, elapsedSeconds } = await run([down]);
  expect([result, calls]).toEqual(["abandoned", [...slices(12), activity.abandon]]);
  expect(elapsedSeconds).toBeGreaterThan(10 * 60);
  expect(elapsedSeconds).toBeLessThan(20 * 60);
});

test("goes on where it was, killed at any step", async () => {
  const whole = await run(["more", down, "more", "over"]);
  for (let step = 1; step <= whole.calls.length * 2; step += 1) {
    expect(await run(["more", down, "more", "over"], step)).toEqual(whole);
  }
});

const operator = aCaller({ isOperator: true });
const command = StartMigrationCommand.parse({
  from: "http://127.0.0.1:9",
  login: { email: "root@example.org", password: "not-to-be-kept" },
});

test("a migration that is cancelled ends with the next slice and forgets the login; cancelled again it stays as it is", async () => {
  const catalog = aCatalog();
  const { id } = await catalog.startMigration(operator, command, () => Promise.resolve());
  expect(catalog.secrets.values.size).toBe(1);
  await catalog.migrationControls.cancel(operator, id);
  expect(await catalog.workMigration(id)).toBe("over");
  const operation = await catalog.operations.forOwner(operator.orgId ?? "").find(id);
  expect([operation?.status, catalog.secrets.values.size]).toEqual(["cancelled", 0]);
  expect(await catalog.migrationControls.cancel(operator, id)).toEqual(operation);
  await expect(catalog.migrationControls.retry()).rejects.toMatchObject({ code: "operation-not-retryable" });
});

test("the timer takes up what nobody works on, and ends what never came to be", async () => {
  let now = new Date();
  const catalog = aCatalog(":memory:", () => now);
  const started: string[] = [];
  const start = (id: string): Promise<void> => Promise.resolve(void started.push(id));
  // Killed before its workflow was started.
  const { id } = await catalog.startMigration(operator, command, () => Promise.resolve());
  await catalog.reconcileMigrations(start);
  expect(started).toEqual([]);
  now = new Date(now.getTime() + 121_000);
  await catalog.reconcileMigrations(start);
  expect(started).toEqual([id]);
  // Killed before it was written down at all: there is an operation and a login, and nothing to work on.
  const found = await catalog.operations.forOwner(operator.orgId ?? "").find(id);
  if (found === undefined) throw new Error("The operation is gone.");
  await catalog.operations.forOwner(found.owner).begin({ ...found, id: "never", subject: { id: "never" } });
  await catalog.secrets.createIfAbsent("catalog-source-never", "{}");
  await catalog.reconcileMigrations(start);
  expect(started).toEqual([id, id]);
  expect(await catalog.operations.forOwner(found.owner).find("never")).toMatchObject({ status: "failed" });
  expect([...catalog.secrets.values.keys()]).toEqual([`catalog-source-${id}`]);
});
