import { describe, expect, it } from "vitest";
import { aStanding } from "../../tests/support/sim-host.ts";
import { compareRuns } from "./compare-runs.ts";
import type { Run, Verdict } from "./run.ts";

const aRun = (id: string, verdicts: Readonly<Record<string, Verdict>>, digest = "one"): Run => ({
  ...{ tenantId: "acme", simulationId: "sim", id, status: "failed", seed: 1, standing: aStanding("acme") },
  ...{ topology: { name: "lab", digest }, startedAt: "2026-01-01T00:00:00.000Z", durationSeconds: 9 },
  ...{ faults: [], counters: [], captures: [] },
  assertions: Object.entries(verdicts).map(([name, verdict]) => ({
    ...{ name, what: name, expect: "always", fromSeconds: 0, untilSeconds: 9, verdict, reason: `${name} ${verdict}` },
    ...{ probes: [], missed: 0 },
  })),
});

const nothing = { probes: 0, reached: 0, firstReachedAtSeconds: null, medianMilliseconds: null };

describe("comparing two runs", () => {
  it("shows what came out otherwise, and what only one of them had", () => {
    const earlier = aRun("run-1", { same: "passed", mended: "failed", dropped: "passed" });
    const later = aRun("run-2", { same: "passed", mended: "passed", added: "failed" }, "two");
    expect(compareRuns(earlier, later)).toEqual({
      earlier: { id: "run-1", status: "failed" },
      later: { id: "run-2", status: "failed" },
      isSameTopology: false,
      differences: [
        {
          name: "mended",
          earlier: { verdict: "failed", reason: "mended failed" },
          later: { verdict: "passed", reason: "mended passed" },
        },
        { name: "added", earlier: { verdict: "absent" }, later: { verdict: "failed", reason: "added failed" } },
        { name: "dropped", earlier: { verdict: "passed", reason: "dropped passed" }, later: { verdict: "absent" } },
      ],
      timings: [
        { name: "same", earlier: nothing, later: nothing },
        { name: "mended", earlier: nothing, later: nothing },
      ],
    });
  });

  it("shows when, how often and how fast both were reached", () => {
    const probed = (run: Run, ...took: readonly (number | undefined)[]): Run => {
      const probes = took.map((milliseconds = 9_999, index) => ({
        ...{ atSeconds: index, isReached: took[index] !== undefined, milliseconds, detail: "" },
      }));
      return { ...run, assertions: run.assertions.map((assertion) => ({ ...assertion, probes })) };
    };
    const [earlier, later] = [aRun("run-1", { one: "failed" }), aRun("run-2", { one: "failed" })];
    expect(compareRuns(probed(earlier, undefined, undefined, 40, 2), probed(later, 9, 1, 5)).timings).toEqual([
      {
        name: "one",
        earlier: { probes: 4, reached: 2, firstReachedAtSeconds: 2, medianMilliseconds: 2 },
        later: { probes: 3, reached: 3, firstReachedAtSeconds: 0, medianMilliseconds: 5 },
      },
    ]);
  });

  it("shows nothing for a run and itself", () => {
    const run = aRun("run-1", { one: "passed", two: "not-probed" });
    expect(compareRuns(run, run)).toMatchObject({ isSameTopology: true, differences: [] });
  });
});
