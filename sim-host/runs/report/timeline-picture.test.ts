import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { aThreeTierLab } from "../../../tests/support/run-host.ts";
import type { TimelineEvent } from "../../topology/topology.ts";
import type { AssertionReport, ProbeResult } from "../run.ts";
import { plannedReports, scheduleOf } from "../schedule.ts";
import { openAssertion } from "../verdicts.ts";
import { faultRows } from "./fault-marks.ts";
import { probeMarks, probeSpans, spanText } from "./probe-marks.ts";
import type { TimeScale } from "./time-scale.ts";
import { momentText, timeScale } from "./time-scale.ts";

const probesOf = (...reached: readonly boolean[]): readonly ProbeResult[] =>
  reached.map((isReached, index) => ({
    ...{ atSeconds: index, isReached, milliseconds: index + 0.4, detail: isReached ? "connected" : "no answer" },
  }));
const anAssertion = (more: Partial<AssertionReport>): AssertionReport => ({
  ...openAssertion({
    ...{ name: "it", expect: "always", fromSeconds: 0, untilSeconds: 100 },
    probe: { kind: "tcp", from: "client", to: "web", port: 80 },
  }),
  ...more,
});

describe("the axis of time", () => {
  it.each([
    [3, ["0 s", "0.5 s", "1 s", "1.5 s", "2 s", "2.5 s", "3 s"]],
    [60, ["0 s", "10 s", "20 s", "30 s", "40 s", "50 s", "60 s"]],
    [600, ["0 s", "60 s", "2 min", "3 min", "4 min", "5 min", "6 min", "7 min", "8 min", "9 min", "10 min"]],
    [7_200, ["0 s", "15 min", "30 min", "45 min", "60 min", "75 min", "90 min", "105 min", "2 h"]],
  ])("of a run of %d s has as many marks as can be read", (seconds, labels) => {
    expect(timeScale(seconds, 0, 1_000).ticks.map(({ label }) => label)).toEqual(labels);
  });

  it("keeps everything between its ends", () => {
    const scale = timeScale(10, 200, 1_000);
    expect([-5, 0, 5, 10, Infinity].map((seconds) => scale.x(seconds))).toEqual([200, 200, 600, 1_000, 1_000]);
    expect([momentText(90.25), momentText(5_400)]).toEqual(["90.3 s", "90 min"]);
  });
});

const anEvent = fc
  .record({
    at: fc.integer({ min: 0, max: 60 }),
    length: fc.option(fc.integer({ min: 1, max: 30 }), { nil: undefined }),
    subject: fc.constantFrom("front", "back", "web"),
    action: fc.constantFrom("kill", "start", "pause" as const),
  })
  .map(({ at, length, subject, action }): TimelineEvent => {
    const when = { atSeconds: at, ...(length === undefined ? {} : { forSeconds: length }) };
    if (subject === "web") return { ...when, kind: "node", node: subject, action };
    return { ...when, kind: "impair", link: subject, impairment: { lossPercent: at } };
  });

describe("faults in the picture", () => {
  it("stand in rows of their link or node, all of them, and none on another", () => {
    fc.assert(
      fc.property(fc.array(anEvent, { maxLength: 20 }), (timeline) => {
        const faults = plannedReports(scheduleOf(aThreeTierLab({ timeline })));
        const rows = faultRows(faults, timeScale(90, 215, 976));
        expect(rows.flatMap(({ marks }) => marks)).toHaveLength(timeline.length);
        for (const { subject, marks } of rows) {
          for (const [index, mark] of marks.entries()) {
            expect(mark.fault.subject).toBe(subject);
            expect(mark.to).toBeGreaterThanOrEqual(mark.from);
            expect(mark.from).toBeGreaterThan(marks[index - 1]?.to ?? -1);
          }
        }
      }),
    );
  });

  it("are bars as long as they last, and marks when they have no length", () => {
    const timeline: readonly TimelineEvent[] = [
      { kind: "impair", link: "front", atSeconds: 10, forSeconds: 20, impairment: { lossPercent: 5 } },
      { kind: "link", link: "back", state: "down", atSeconds: 40 },
      { kind: "node", node: "web", action: "kill", atSeconds: 50 },
    ];
    const rows = faultRows(plannedReports(scheduleOf(aThreeTierLab({ timeline }))), timeScale(100, 0, 1_000));
    const marks = rows.flatMap((row) => row.marks.map(({ label, isPoint, from, to }) => [label, isPoint, from, to]));
    expect(marks).toEqual([
      ["5 % lost", false, 100, 300],
      ["down", false, 400, 1_000],
      ["kill", true, 500, 500],
    ]);
  });
});

describe("the words of a fault in the picture", () => {
  const wordsAt = (atSeconds: number, scale: TimeScale) => {
    const impairment = { delayMilliseconds: 20, jitterMilliseconds: 10, lossPercent: 5, corruptionPercent: 1 };
    const timeline: readonly TimelineEvent[] = [{ kind: "impair", link: "front", atSeconds, impairment }];
    return faultRows(plannedReports(scheduleOf(aThreeTierLab({ timeline }))), scale)[0]?.marks[0]?.words;
  };

  it("stand after its beginning, and before it where the picture ends", () => {
    const scale = timeScale(100, 215, 976);
    expect(wordsAt(10, scale)).toMatchObject({ x: scale.x(10) + 7, isBefore: false });
    expect(wordsAt(95, scale)).toMatchObject({ x: scale.x(95) - 7, isBefore: true });
    expect(wordsAt(95, scale)?.text).toBe(wordsAt(10, scale)?.text);
  });

  it("are cut where neither side has room for them", () => {
    const text = wordsAt(50, timeScale(100, 16, 316))?.text ?? "";
    expect(text).toMatch(/^20 ms ± 10 ms.*…$/);
    expect(text.length * 6.4).toBeLessThan(170);
  });
});

describe("probes in the picture", () => {
  it.each([
    ["always", "failed", [true, false], ["good", "bad"]],
    ["never", "failed", [true, false], ["bad", "good"]],
    ["eventually", "passed", [false, true], ["open", "good"]],
    ["eventually", "failed", [false, false], ["bad", "bad"]],
  ] as const)("of what is expected %s and has %s are told apart", (expected, verdict, reached, meanings) => {
    const assertion = anAssertion({ expect: expected, verdict, probes: probesOf(...reached) });
    expect(probeMarks(assertion, timeScale(10, 0, 1_000)).map(({ meaning }) => meaning)).toEqual(meanings);
  });

  it("are so many as there is room for, and what the assertion failed by is among them", () => {
    const reached = Array.from({ length: 7_200 }, (_, index) => index !== 3_601);
    const marks = probeMarks(
      anAssertion({ verdict: "failed", probes: probesOf(...reached) }),
      timeScale(7_200, 0, 760),
    );
    expect(marks.length).toBeLessThan(300);
    expect(marks.filter(({ meaning }) => meaning === "bad")).toHaveLength(1);
  });

  it("are told in words, those that came out alike together", () => {
    expect(probeSpans(probesOf(true, true, true, false, true)).map(spanText)).toEqual([
      "0 s to 2 s: connected, 3 probes, at most 2 ms",
      "3 s: no answer, 3 ms",
      "4 s: connected, 4 ms",
    ]);
  });
});
