import fc from "fast-check";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import type { FixtureApp } from "../fixtures/fixture-app.ts";
import { loadFixtureApp } from "../fixtures/fixture-app.ts";
import type { Death } from "../fixtures/mortal-store.ts";
import { mortalStore } from "../fixtures/mortal-store.ts";
import type { Program, Step } from "../fixtures/program-steps.ts";
import { failuresMax, resultOf } from "../fixtures/program-steps.ts";
import { rushingTime } from "../fixtures/rushing-time.ts";
import { hubDirectory, raiseIn, startIn } from "../fixtures/task-hub.ts";
import { functionProtocol } from "../protocol/function-protocol.ts";
import type { InstanceRow } from "../store/records.ts";
import { isTerminal } from "../store/records.ts";
import { TaskHubStore } from "../store/task-hub-store.ts";
import { TurnEngine } from "./engine.ts";

let app: FixtureApp;
beforeAll(async () => {
  app = await loadFixtureApp();
});
afterAll(() => app.remove());

/** Steps that do not fail: a failing sibling makes `Task.all` of the SDK and of the extension part company. */
const sureStep: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant("double" as const), value: fc.integer() }),
  fc.record({
    kind: fc.constant("flaky" as const),
    key: fc.uuid(),
    failures: fc.integer({ min: 0, max: failuresMax }),
  }),
  fc.record({ kind: fc.constant("timer" as const), minutes: fc.integer({ min: 0, max: 12 * 24 * 60 }) }),
);
const sureSteps = fc.array(sureStep, { minLength: 1, maxLength: 3 });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: sureStep },
  fc.constantFrom<Step>({ kind: "fail-for-good" }, { kind: "event" }, { kind: "race" }),
  fc.record({ kind: fc.constant("all" as const), steps: sureSteps }),
  fc.record({ kind: fc.constant("child" as const), steps: sureSteps, isFailing: fc.boolean() }),
);
const isEvent = ({ kind }: Step): boolean => kind === "event";
const program: fc.Arbitrary<Program> = fc
  .record({ steps: fc.array(step, { minLength: 1, maxLength: 5 }), rounds: fc.nat(2) })
  // Events that nobody has waited for do not survive continueAsNew, as in Azure.
  .map(({ steps, rounds }) => ({ steps, rounds: steps.some(isEvent) ? 0 : rounds, isFailing: false }));
const deaths: fc.Arbitrary<Death[]> = fc.array(
  fc.record({ atWrite: fc.integer({ min: 1, max: 12 }), isWritten: fc.boolean() }),
  { maxLength: 6 },
);

/** One life of the host, from opening the file until everything has ended or death comes. */
const live = async (file: string, death: Death | undefined, time = rushingTime()): Promise<InstanceRow | undefined> => {
  const store = new TaskHubStore(file);
  const life = { isOver: false };
  const watched = death === undefined ? store : mortalStore(store, death, () => (life.isOver = true));
  const engine = new TurnEngine({ store: watched, protocol: functionProtocol(app), log: () => undefined, time });
  const rows = (): readonly InstanceRow[] => store.listInstances({ limit: 100 });
  try {
    engine.start();
    await vi.waitFor(() => expect(life.isOver || rows().every(({ status }) => isTerminal(status))).toBe(true), {
      timeout: 10_000,
      interval: 2,
    });
    return life.isOver ? undefined : store.readInstance("main");
  } finally {
    await engine.stop();
    store.close();
  }
};

it("ends with the same result, wherever the process dies on the way", async () => {
  await fc.assert(
    fc.asyncProperty(program, deaths, async (wanted, ends) => {
      const hub = hubDirectory();
      try {
        const store = new TaskHubStore(hub.file);
        startIn(store, "main", "program", wanted);
        for (const _event of wanted.steps.filter(isEvent)) raiseIn(store, "main", "go", "event");
        store.close();
        const time = rushingTime();
        let row: InstanceRow | undefined;
        for (const death of [...ends, undefined]) row ??= await live(hub.file, death, time);
        expect(row).toMatchObject({ status: "Completed" });
        expect(JSON.parse(row?.output ?? "")).toEqual(wanted.steps.map(resultOf));
      } finally {
        hub.remove();
      }
    }),
    { numRuns: 60 },
  );
}, 60_000);
