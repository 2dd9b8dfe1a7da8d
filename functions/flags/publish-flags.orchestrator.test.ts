import { expect, test } from "vitest";
import { hubModel } from "../../tests/support/hub-model.ts";
import { publishFlagsOrchestrator } from "./publish-flags.names.ts";
import { publishFlags } from "./publish-flags.orchestrator.ts";

/** Runs the workflow; an instance's outcomes come one after the other, the last one is repeated. Timers take no time. */
const run = async (outcomes: Readonly<Record<string, readonly string[]>>, killAtStep = 0) => {
  let now = 0;
  let step = 0;
  let isKilled = false;
  const calls: string[] = [];
  const hub = hubModel({
    orchestrators: { [publishFlagsOrchestrator]: publishFlags },
    runActivity: (_name, input) => {
      const { instanceId } = input as { instanceId: string };
      const given = outcomes[instanceId] ?? [];
      const outcome = given[Math.min(calls.filter((id) => id === instanceId).length, given.length - 1)];
      calls.push(instanceId);
      return Promise.resolve(outcome);
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
  await hub.start(publishFlagsOrchestrator, "flags-1", { instanceIds: Object.keys(outcomes) });
  await hub.run().catch((error: unknown) => {
    if (!isKilled) throw error;
    return hub.run();
  });
  return { left: hub.outputs()[0], calls, elapsedSeconds: now / 1000 };
};

test("asks every instance once when all of them do it, and no longer of one that is gone", async () => {
  const ran = await run({ one: ["applied"], two: ["gone"], three: ["applied"] });
  expect(ran).toEqual({ left: [], calls: ["one", "two", "three"], elapsedSeconds: 0 });
});

test("asks again only those that failed or were busy, ever later, and leaves the rest to the timer", async () => {
  const ran = await run({ one: ["applied"], two: ["busy", "applied"], three: ["failed"] });
  expect(ran.left).toEqual(["three"]);
  expect(ran.calls).toEqual(["one", "two", "three", "two", "three", "three", "three", "three"]);
  expect(ran.elapsedSeconds).toBe(1 + 2 + 4 + 8);
});

test("goes on where it was, killed at any step", async () => {
  const whole = await run({ one: ["failed", "applied"], two: ["busy", "failed", "applied"] });
  for (let step = 1; step <= 9; step += 1) {
    expect(await run({ one: ["failed", "applied"], two: ["busy", "failed", "applied"] }, step)).toEqual(whole);
  }
});
