import { expect, test } from "vitest";
import { hubModel } from "../../tests/support/hub-model.ts";
import { activity, wakeEvent } from "./provision-instance.names.ts";
import { provisionInstance, retireInstance } from "./provision-instance.orchestrator.ts";

const work = { instanceId: "stack-westeurope-1", operationId: "operation-1" };
const done = { state: "done" };

type Answers = Readonly<Record<string, (input: unknown) => unknown>>;

/** Answers one after the other; the last one is repeated. */
const inTurn = (...values: readonly unknown[]): (() => unknown) => {
  const left = [...values];
  return () => (left.length > 1 ? left.shift() : left[0]);
};

const allDone: Answers = Object.fromEntries(Object.values(activity).map((name) => [name, () => done]));

/** Runs a workflow against scripted answers; timers take no time. */
const run = async (
  name: string,
  answers: Answers,
  beforeStep: (hub: ReturnType<typeof hubModel>) => void = () => undefined,
) => {
  let now = 0;
  const calls: string[] = [];
  const hub = hubModel({
    orchestrators: { provision: provisionInstance, retire: retireInstance },
    runActivity: async (called, input) => {
      if (calls.at(-1) !== called) calls.push(called);
      return Promise.resolve((answers[called] ?? allDone[called])?.(input));
    },
    now: () => now,
    advanceTo: (time) => {
      now = Math.max(now, time);
    },
    isDead: () => false,
    atStep: (moment) => {
      if (moment === "before") beforeStep(hub);
      return Promise.resolve();
    },
  });
  await hub.start(name, "workflow", work);
  await hub.run();
  return { result: hub.outputs()[0], calls, elapsedSeconds: now / 1000 };
};

const inService = ["check", "deploy", "await", "prepare", "activate", "placeWaiting"] as const;

test("checks, deploys, polls as often as it is asked to, readies, activates and places who waited", async () => {
  const waiting = { state: "waiting", retryAfterSeconds: 5 };
  const ran = await run("provision", {
    [activity.await]: inTurn(waiting, waiting, done),
    [activity.prepare]: inTurn({ state: "waiting", retryAfterSeconds: 1 }, done),
  });
  expect(ran).toEqual({ result: "active", calls: inService.map((step) => activity[step]), elapsedSeconds: 5 + 5 + 1 });
});

test("who is busy is asked again when it wants, who does not answer ever more slowly", async () => {
  const ran = await run("provision", {
    [activity.deploy]: inTurn({ state: "unavailable", reason: "429", retryAfterSeconds: 40 }, done),
    [activity.await]: inTurn(...Array.from({ length: 3 }, () => ({ state: "unavailable", reason: "503" })), done),
  });
  expect(ran).toMatchObject({ result: "active", elapsedSeconds: 40 + 2 + 4 + 8 });
});

test.each([
  {
    what: "a step fails",
    answer: () => ({ state: "failed", reason: "QuotaExceeded: no cores" }),
    reason: "QuotaExceeded: no cores",
  },
  { what: "it is stopped", answer: () => ({ state: "stopped", reason: "Cancelled." }), reason: "Cancelled." },
  {
    what: "the control plane fails repeatedly",
    answer: () => {
      throw new Error("hidden");
    },
    reason: "A step of the control plane failed repeatedly.",
  },
])("when $what it is undone, with the cause, until nothing is left", async ({ answer, reason }) => {
  const causes: unknown[] = [];
  const ran = await run("provision", {
    [activity.await]: answer,
    [activity.undo]: (input) => (causes.push(input), done),
    [activity.remove]: inTurn(
      { state: "waiting", retryAfterSeconds: 2 },
      { state: "unavailable", reason: "503" },
      done,
    ),
  });
  expect(ran.result).toBe("removed");
  expect(ran.calls).toEqual([activity.check, activity.deploy, activity.await, activity.undo, activity.remove]);
  expect(causes).toEqual([{ ...work, reason }]);
});

test("work that is another's is left alone", async () => {
  expect(await run("provision", { [activity.check]: () => ({ state: "superseded" }) })).toEqual({
    ...{ result: "superseded", calls: [activity.check], elapsedSeconds: 0 },
  });
});

test.each([activity.check, activity.deploy, activity.await, activity.prepare])(
  "%s is given up at its deadline, whatever it answers",
  async (name) => {
    for (const answer of [
      { state: "waiting", retryAfterSeconds: 30 },
      { state: "unavailable", reason: "503" },
    ]) {
      const ran = await run("provision", { [name]: () => answer });
      expect(ran.result).toBe("removed");
      expect(ran.elapsedSeconds).toBeLessThanOrEqual(15 * 60);
    }
  },
);

test("news end a wait at once", async () => {
  let step = 0;
  const ran = await run(
    "provision",
    {
      [activity.await]: inTurn({ state: "waiting", retryAfterSeconds: 30 }, { state: "stopped", reason: "Cancelled." }),
    },
    (hub) => {
      step += 1;
      if (step === 4) void hub.raise("workflow", wakeEvent);
    },
  );
  expect(ran).toMatchObject({ result: "removed", elapsedSeconds: 0 });
});

test("a removal that does not end is left to the reconciler after a bounded time", async () => {
  const ran = await run("retire", { [activity.remove]: () => ({ state: "unavailable", reason: "503" }) });
  expect(ran).toMatchObject({ result: "removing", elapsedSeconds: 15 * 60 });
});
