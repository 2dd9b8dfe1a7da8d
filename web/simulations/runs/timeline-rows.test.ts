import { describe, expect, it } from "vitest";
import type { AssertionReport, FaultReport, Run } from "../api/run-shapes.ts";
import { assertionRows, axisSeconds, elapsedSeconds, faultRows } from "./timeline-rows.ts";

const fault = (change: Partial<FaultReport>): FaultReport => ({
  ...{ plannedAtSeconds: 5, untilSeconds: 10, happenedAtSeconds: null, subject: "front" },
  ...{ what: "front: 100 % lost", isUndoing: false, outcome: "planned", reason: undefined },
  ...change,
});
const assertion = (change: Partial<AssertionReport>): AssertionReport => ({
  ...{ name: "a", what: "b", expect: "always", verdict: "open", reason: "", fromSeconds: 0, untilSeconds: 10 },
  probes: [],
  ...change,
});
const probe = (atSeconds: number, isReached: boolean) => ({ atSeconds, isReached, detail: "" });

describe("the rows of faults", () => {
  it("are one for each subject, without the ends, at the shares of the run's length", () => {
    const faults = [
      fault({}),
      fault({ isUndoing: true, plannedAtSeconds: 10 }),
      fault({ subject: "db", what: "db: kill", untilSeconds: undefined, plannedAtSeconds: 18, happenedAtSeconds: 19 }),
    ];
    expect(faultRows({ faults, durationSeconds: 20 })).toEqual([
      {
        subject: "front",
        bars: [{ label: "100 % lost", outcome: "planned", isPoint: false, from: 0.25, to: 0.5, side: "right" }],
      },
      {
        subject: "db",
        bars: [{ label: "kill", outcome: "planned", isPoint: true, from: 0.95, to: 0.95, side: "left" }],
      },
    ]);
  });

  it("have their words where no other bar is in the way, and none where there is no room at all", () => {
    const at = (plannedAtSeconds: number, what: string): FaultReport =>
      fault({ subject: "db", what: `db: ${what}`, plannedAtSeconds, untilSeconds: undefined });
    const faults = [at(98, "stop"), at(50, "kill"), at(51, "start"), at(97, "restart"), at(99, "start")];
    const [row] = faultRows({ faults, durationSeconds: 100 });
    expect(row?.bars.map(({ label, side }) => `${label} ${side}`)).toEqual([
      ...["kill left", "start right", "restart left", "stop none", "start none"],
    ]);
  });

  it("stay within a run that was cut, and within one that has no length", () => {
    const faults = [fault({ untilSeconds: 100 })];
    expect(faultRows({ faults, durationSeconds: 20 })[0]?.bars[0]?.to).toBe(1);
    expect(faultRows({ faults, durationSeconds: 0 })[0]?.bars[0]).toMatchObject({ from: 0, to: 0 });
  });
});

describe("the marks of probes", () => {
  it.each([
    ["always", "passed", true, "good"],
    ["always", "failed", false, "bad"],
    ["never", "passed", false, "good"],
    ["never", "failed", true, "bad"],
    ["eventually", "passed", true, "good"],
    ["eventually", "passed", false, "open"],
    ["eventually", "open", false, "open"],
    ["eventually", "failed", false, "bad"],
  ] as const)("%s, which %s: reached %j is %s", (expectation, verdict, isReached, tone) => {
    const one = assertion({ expect: expectation, verdict, probes: [probe(5, isReached)] });
    const [row] = assertionRows({ assertions: [one], durationSeconds: 10 });
    expect(row?.marks).toEqual([{ at: 0.5, tone }]);
  });
});

it.each([
  [0, [0]],
  [7, [0, 1, 2, 3, 4, 5, 6, 7]],
  [28, [0, 5, 10, 15, 20, 25]],
  [7_200, [0, 900, 1_800, 2_700, 3_600, 4_500, 5_400, 6_300, 7_200]],
])("puts round seconds on the axis of %d", (duration, seconds) => {
  expect(axisSeconds(duration)).toEqual(seconds);
});

describe("how much of a run is over", () => {
  const startedAt = "2026-01-01T00:00:00.000Z";
  const run = (probes: AssertionReport["probes"]): Run => ({
    ...{ id: "run-a", status: "running", reason: undefined, seed: 1, startedAt, endedAt: undefined },
    ...{ durationSeconds: 30, faults: [], assertions: [assertion({ probes })], captures: [] },
  });
  const at = (seconds: number): Date => new Date(Date.parse(startedAt) + seconds * 1000);

  it("is what the clock says, and no more than there is", () => {
    expect([at(4), at(99), at(-50)].map((now) => elapsedSeconds(run([]), now))).toEqual([4, 30, 0]);
  });

  it("is at least what was probed, where this clock is late", () => {
    expect(elapsedSeconds(run([probe(12, true)]), at(3))).toBe(12);
  });
});
