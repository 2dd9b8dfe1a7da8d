import { expect, test } from "vitest";
import { drive } from "../../tests/support/drive.ts";
import { activity } from "./provision-instance.names.ts";
import { provisionInstance } from "./provision-instance.orchestrator.ts";

const input = { instanceId: "stack-westeurope-1" };
const deployed = { state: "succeeded", internalEndpoint: "http://a", publicEndpoint: "http://b", version: "1" };
const nothing = (): null => null;

/** Answers one after the other; the last one is repeated. */
const inTurn = (...values: readonly unknown[]): (() => unknown) => {
  const left = [...values];
  return () => (left.length > 1 ? left.shift() : left[0]);
};

test("deploys, polls as often as it is asked to, readies, activates and places who waited", () => {
  const run = drive(provisionInstance, input, {
    [activity.begin]: nothing,
    [activity.check]: inTurn(
      { state: "running", retryAfterSeconds: 5 },
      { state: "running", retryAfterSeconds: 5 },
      deployed,
    ),
    [activity.prepare]: inTurn(false, false, true),
    [activity.activate]: nothing,
    [activity.placeWaiting]: nothing,
  });
  expect(run).toEqual({
    result: "active",
    calls: [
      ...[activity.begin, activity.check, activity.check, activity.check],
      ...[activity.prepare, activity.prepare, activity.prepare, activity.activate, activity.placeWaiting],
    ],
    elapsedSeconds: 5 + 5 + 1 + 2,
  });
});

test.each([
  {
    what: "the deployment fails",
    check: { state: "failed", reason: "QuotaExceeded: no cores" },
    reason: "QuotaExceeded: no cores",
  },
  { what: "an activity fails for good", check: undefined, reason: "The resource manager is gone" },
])("when $what it cleans up and keeps the cause", ({ check, reason }) => {
  const reasons: unknown[] = [];
  const run = drive(provisionInstance, input, {
    [activity.begin]: nothing,
    [activity.check]: () => {
      if (check === undefined) throw new Error(reason);
      return check;
    },
    [activity.fail]: (value) => reasons.push(value),
  });
  expect(run.result).toBe("failed");
  expect(run.calls.at(-1)).toBe(activity.fail);
  expect(reasons).toEqual([{ ...input, reason }]);
});

test("an instance that is never ready is given up after a bounded time", () => {
  const run = drive(provisionInstance, input, {
    [activity.begin]: nothing,
    [activity.check]: () => deployed,
    [activity.prepare]: () => false,
    [activity.fail]: nothing,
  });
  expect(run.result).toBe("failed");
  expect(run.elapsedSeconds).toBeLessThan(15 * 60);
});
