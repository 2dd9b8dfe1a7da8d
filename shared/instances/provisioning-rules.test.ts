import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { anInstance } from "../../tests/support/builders.ts";
import { newInstanceOperation } from "./instance-operation.ts";
import { cancelledReason, standingOf } from "./instance-standing.ts";
import type { StepOutcome, StepProgress, WorkStep } from "./provisioning-rules.ts";
import {
  afterAnswer,
  afterStep,
  planRefusal,
  planSummary,
  pollDelaySeconds,
  presentableReason,
  stepDeadlineSeconds,
  troubleDelaySeconds,
} from "./provisioning-rules.ts";

const start: StepProgress = { elapsedSeconds: 0, waits: 0, troubles: 0 };
const step = fc.constantFrom(...(Object.keys(stepDeadlineSeconds) as WorkStep[]));
const seconds = fc.oneof(fc.integer({ min: 0, max: 100_000 }), fc.constantFrom(0, 1, 1e9));
const notYet: fc.Arbitrary<StepOutcome> = fc.oneof(
  fc.record({ state: fc.constant("waiting" as const), retryAfterSeconds: seconds }),
  fc.record({ state: fc.constant("unavailable" as const), retryAfterSeconds: seconds, reason: fc.string() }),
  fc.record({ state: fc.constant("unavailable" as const), reason: fc.string() }),
);

describe("the waits of a step", () => {
  it("end at its deadline whatever is answered, without a pause of nothing and within a bounded number", () => {
    fc.assert(
      fc.property(step, fc.infiniteStream(notYet), (name, answers) => {
        let progress = start;
        for (let count = 0; ; count += 1) {
          const [outcome] = answers.take(1);
          if (outcome === undefined) throw new Error("The stream has ended.");
          const next = afterStep(name, outcome, progress);
          if (next.do === "undo") {
            expect(progress.elapsedSeconds).toBeGreaterThanOrEqual(stepDeadlineSeconds[name]);
            expect(progress.elapsedSeconds).toBeLessThanOrEqual(stepDeadlineSeconds[name] + 1);
            return;
          }
          expect(next).toMatchObject({ do: "wait" });
          const waited = next.do === "wait" ? next.seconds : 0;
          expect(waited).toBeGreaterThanOrEqual(1);
          expect(count).toBeLessThan(1000);
          progress = afterAnswer(progress, outcome, progress.elapsedSeconds + waited);
        }
      }),
    );
  });

  it("honour what is asked for, within bounds", () => {
    fc.assert(
      fc.property(seconds, fc.nat(5000), (wished, count) => {
        const poll = pollDelaySeconds(wished, count);
        expect(poll).toBeGreaterThanOrEqual(1);
        expect(poll).toBeLessThanOrEqual(30);
        if (wished >= 5 && wished <= 30) expect(poll).toBe(wished);
        const trouble = troubleDelaySeconds(wished, count);
        expect(trouble).toBeGreaterThanOrEqual(Math.min(wished, 120));
        expect(trouble).toBeLessThanOrEqual(120);
      }),
    );
  });

  it("are together no more than the overall deadline", () => {
    const { remove, ...forward } = stepDeadlineSeconds;
    expect(Object.values(forward).reduce((sum, next) => sum + next, 0)).toBeLessThanOrEqual(30 * 60);
    expect(remove).toBeGreaterThan(0);
  });

  it("tell the last answer when they are given up", () => {
    const outcome = { state: "unavailable", reason: "503 ServerBusy" } as const;
    expect(afterStep("deploy", outcome, { ...start, elapsedSeconds: 240 })).toEqual({
      do: "undo",
      reason: "The step deploy did not succeed within 4 minutes. Last answer: 503 ServerBusy",
    });
  });
});

describe("how an instance stands to its work", () => {
  const operation = newInstanceOperation(
    { id: "operation-1", owner: "org", instanceId: "stack-westeurope-1", pool: "p" },
    new Date("2026-01-01T00:00:00.000Z"),
  );
  const early = "2026-01-01T00:10:00.000Z";
  const provisioning = anInstance({ status: "provisioning" });

  it.each([
    [provisioning, operation, early, { kind: "forward" }],
    [provisioning, { ...operation, cancelRequestedAt: early }, early, { kind: "stop", reason: cancelledReason }],
    [
      provisioning,
      operation,
      "2026-01-01T00:30:00.000Z",
      { kind: "stop", reason: "The deadline of 30 minutes has passed." },
    ],
    [provisioning, { ...operation, id: "older" }, early, { kind: "superseded" }],
    [anInstance({ status: "active" }), operation, early, { kind: "in-service" }],
    [anInstance({ status: "draining" }), operation, early, { kind: "in-service" }],
    [anInstance({ status: "retiring" }), operation, early, { kind: "removing" }],
    [anInstance({ status: "retiring" }), { ...operation, status: "failed" as const }, early, { kind: "superseded" }],
    [anInstance({ status: "failed" }), operation, early, { kind: "superseded" }],
    [anInstance({ status: "retired" }), operation, early, { kind: "superseded" }],
  ])("is told by the two documents (%#)", (instance, work, now, standing) => {
    expect(standingOf(instance, work, now)).toEqual(standing);
  });
});

describe("a plan", () => {
  const change = (kind: "create" | "modify" | "delete" | "none" | "unknown", isOurs: boolean, name = "app") => ({
    ...{ kind, isOurs, resourceId: `/subscriptions/s/resourceGroups/g/providers/Microsoft.App/containerApps/${name}` },
  });

  it("is refused when it deletes anything, or changes what is not the instance's", () => {
    expect(planRefusal([change("create", false), change("modify", true), change("none", false)])).toBeUndefined();
    expect(planRefusal([change("delete", true)])).toBe("The deployment would delete containerApps/app.");
    expect(planRefusal([change("modify", false, "other")])).toContain("containerApps/other");
  });

  it("is told in a sentence that stays short", () => {
    expect(planSummary([])).toBe("Nothing to change.");
    expect(planSummary([change("create", false), change("unknown", false, "b")])).toBe(
      "1 to create: containerApps/app; 1 to judge only when deployed: containerApps/b.",
    );
    const many = Array.from({ length: 300 }, (_, index) => change("create", false, `app-${index}`));
    expect(planSummary(many)).toContain("and 295 more");
  });
});

it("a reason is shown without secrets, on one line and not long", () => {
  fc.assert(
    fc.property(
      fc.string(),
      fc.stringMatching(/^[\w-]{8,40}$/),
      fc.string({ maxLength: 900 }),
      (before, secret, after) => {
        const shown = presentableReason(`${before}${secret}\n${after}`, [secret]);
        expect(shown).not.toContain(secret);
        expect(shown).not.toContain("\n");
        expect(shown.length).toBeLessThanOrEqual(500);
      },
    ),
  );
});
