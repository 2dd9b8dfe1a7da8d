import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { aThreeTierLab } from "../../tests/support/run-host.ts";
import type { Assertion, TimelineEvent, Topology } from "../topology/topology.ts";
import { baseLinkStates, linkStateAt } from "./link-states.ts";
import { undoingActionAt } from "./node-states.ts";
import { plannedReports, runSecondsMax, scheduleOf } from "./schedule.ts";

const anAssertion = (from: number, until: number, name = "web answers"): Assertion => ({
  ...{ name, expect: "always", fromSeconds: from, untilSeconds: until },
  probe: { kind: "tcp", from: "client", to: "web", port: 80 },
});
const onNode = (at: number, action: "pause" | "kill" | "stop" | "start", length?: number): TimelineEvent => ({
  ...{ kind: "node", node: "web", action, atSeconds: at },
  ...(length === undefined ? {} : { forSeconds: length }),
});
const probesOf = (topology: Topology): readonly number[] =>
  scheduleOf(topology).moments.flatMap(({ atSeconds, probes }) => probes.map(() => atSeconds));

describe("the schedule of a run", () => {
  it("probes about every second, and early enough to know before the time is over", () => {
    expect(probesOf(aThreeTierLab({ assertions: [anAssertion(1, 5)] }))).toEqual([1, 2, 3, 4]);
    expect(probesOf(aThreeTierLab({ assertions: [anAssertion(0.5, 3)] }))).toEqual([0.5, 1.5]);
    expect(probesOf(aThreeTierLab({ assertions: [anAssertion(2, 2.2)] }))).toEqual([2]);
  });

  it("probes less often when a run would have more probes than its report can hold", () => {
    const assertions = Array.from({ length: 100 }, (_, index) => anAssertion(0, 7_200, `number ${index}`));
    const count = probesOf(aThreeTierLab({ assertions })).length;
    expect(count).toBeGreaterThan(19_000);
    expect(count).toBeLessThanOrEqual(20_000);
  });

  it("puts together what happens at the same moment, ends of faults first", () => {
    const timeline: readonly TimelineEvent[] = [
      { kind: "link", link: "front", state: "down", atSeconds: 5 },
      { kind: "impair", link: "front", atSeconds: 2, forSeconds: 3, impairment: { lossPercent: 10 } },
      onNode(5, "kill"),
    ];
    const { faults, moments, durationSeconds } = scheduleOf(
      aThreeTierLab({ timeline, assertions: [anAssertion(5, 6)] }),
    );
    expect(durationSeconds).toBe(6);
    expect(faults.map(({ atSeconds, isUndoing }) => [atSeconds, isUndoing])).toEqual([
      [2, false],
      [5, true],
      [5, false],
      [5, false],
    ]);
    const last = moments.at(-2);
    expect(last?.links.map(({ state, faults: those }) => [state.name, state.isDown, those])).toEqual([
      ["front", true, [1, 2]],
    ]);
    expect(last?.nodes).toEqual([{ node: "web", action: "kill", fault: 3 }]);
    expect(last?.probes).toEqual([0]);
    expect(moments.map(({ atSeconds, closes }) => [atSeconds, closes])).toEqual([
      [2, []],
      [5, []],
      [6, [0]],
    ]);
  });

  it("is cut at two hours", () => {
    const timeline = [onNode(1, "pause", 10_000), onNode(9_000, "kill")];
    const schedule = scheduleOf(aThreeTierLab({ timeline, assertions: [anAssertion(7_190, 80_000)] }));
    expect(schedule.durationSeconds).toBe(runSecondsMax);
    expect(Math.max(...schedule.moments.map(({ atSeconds }) => atSeconds))).toBeLessThan(runSecondsMax);
    expect(plannedReports(schedule).map(({ outcome }) => outcome)).toEqual(["planned", "skipped", "skipped"]);
  });

  it.each([
    ["nothing else happened", [onNode(0, "pause", 10)], "resume"],
    ["another pause goes on", [onNode(0, "pause", 10), onNode(5, "pause", 10)], "pause"],
    ["it was killed meanwhile", [onNode(0, "pause", 10), onNode(5, "kill")], "kill"],
    ["it was stopped before", [onNode(0, "stop"), onNode(5, "pause", 5)], "stop"],
    ["it was started meanwhile", [onNode(0, "stop"), onNode(1, "pause", 9), onNode(5, "start")], "resume"],
  ] as const)("brings a node back at the end of a pause when %s", (_case, timeline, action) => {
    expect(undoingActionAt({ timeline }, "web", 10)).toBe(action);
  });
});

const aTime = fc.integer({ min: 0, max: 600 }).map((tenths) => tenths / 10);
const aLength = fc.option(
  fc.integer({ min: 1, max: 300 }).map((tenths) => tenths / 10),
  { nil: undefined },
);
const anEvent = fc
  .record({
    at: aTime,
    length: aLength,
    link: fc.constantFrom("front", "back"),
    loss: fc.integer({ min: 0, max: 100 }),
  })
  .map(({ at, length, link, loss }): TimelineEvent => {
    const when = { link, atSeconds: at, ...(length === undefined ? {} : { forSeconds: length }) };
    return loss < 30
      ? { ...when, kind: "link", state: "down" }
      : { ...when, kind: "impair", impairment: { lossPercent: loss } };
  });

describe("any schedule", () => {
  it("brings links through all the states that they shall have, one after the other", () => {
    fc.assert(
      fc.property(fc.array(anEvent, { maxLength: 10 }), fc.array(aTime, { maxLength: 5 }), (timeline, times) => {
        const topology = aThreeTierLab({ timeline });
        const { moments, faults } = scheduleOf(topology);
        expect(moments.map(({ atSeconds }) => atSeconds)).toEqual(
          [...new Set(faults.map(({ atSeconds }) => atSeconds))].sort((one, other) => one - other),
        );
        for (const seconds of times) {
          const past = moments.filter(({ atSeconds }) => atSeconds <= seconds).flatMap(({ links }) => links);
          const states = baseLinkStates(topology).map(
            (base) => past.findLast(({ state }) => state.name === base.name)?.state ?? base,
          );
          expect(states).toEqual(linkStateAt(topology, seconds));
        }
        const named = moments.flatMap(({ links }) => links.flatMap((link) => link.faults));
        expect([...named].sort((one, other) => one - other)).toEqual(faults.map((_, index) => index));
      }),
      { numRuns: 300 },
    );
  });
});
