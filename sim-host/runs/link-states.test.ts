import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { aThreeTierLab } from "../../tests/support/run-host.ts";
import type { Impairment, TimelineEvent } from "../topology/topology.ts";
import { baseLinkStates, linkStateAt } from "./link-states.ts";

const impair = (at: number, length: number | undefined, impairment: Impairment, more = {}): TimelineEvent => ({
  ...{ kind: "impair", link: "front", atSeconds: at, impairment },
  ...(length === undefined ? {} : { forSeconds: length }),
  ...more,
});
const cable = (at: number, state: "down" | "up", length?: number): TimelineEvent => ({
  ...{ kind: "link", link: "front", atSeconds: at, state },
  ...(length === undefined ? {} : { forSeconds: length }),
});
const frontAt = (timeline: readonly TimelineEvent[], seconds: number) => {
  const state = linkStateAt(aThreeTierLab({ timeline }), seconds).find(({ name }) => name === "front");
  const of = (from: string) => state?.directions.find((direction) => direction.from === from)?.impairment;
  return { isDown: state?.isDown, fromClient: of("client"), fromWeb: of("web") };
};

describe("the state of a link during a run", () => {
  it("adds a fault to what the topology has, and takes it away again", () => {
    const timeline = [impair(5, 5, { lossPercent: 20 })];
    expect(frontAt(timeline, 4.9).fromClient).toEqual({ delayMilliseconds: 10 });
    expect(frontAt(timeline, 5).fromClient).toEqual({ delayMilliseconds: 10, lossPercent: 20 });
    expect(frontAt(timeline, 10).fromClient).toEqual({ delayMilliseconds: 10 });
  });

  it("leaves at the end of one fault what another still wants", () => {
    const timeline = [impair(0, 10, { lossPercent: 20 }), impair(5, 10, { lossPercent: 50, delayMilliseconds: 90 })];
    expect(frontAt(timeline, 7).fromWeb).toEqual({ lossPercent: 50, delayMilliseconds: 90 });
    expect(frontAt(timeline, 12).fromWeb).toEqual({ lossPercent: 50, delayMilliseconds: 90 });
    const nested = [impair(0, 20, { lossPercent: 20 }), impair(5, 5, { lossPercent: 50 })];
    expect(frontAt(nested, 10).fromWeb).toEqual({ delayMilliseconds: 10, lossPercent: 20 });
  });

  it("concerns only the direction that a fault names", () => {
    const timeline = [impair(0, 10, { lossPercent: 100 }, { from: "client", to: "web" })];
    expect(frontAt(timeline, 1)).toEqual({
      isDown: false,
      fromClient: { delayMilliseconds: 10, lossPercent: 100 },
      fromWeb: { delayMilliseconds: 10 },
    });
  });

  it("heals what a fault says is nothing", () => {
    expect(frontAt([impair(0, 5, { delayMilliseconds: 0 })], 1).fromClient).toBeUndefined();
  });

  it("goes by the last word on whether the cable is in", () => {
    const timeline = [cable(0, "down", 10), cable(3, "up"), cable(5, "down", 2)];
    const downs = [0, 2, 3, 5, 6.9, 7, 9, 11].map((seconds) => frontAt(timeline, seconds).isDown);
    expect(downs).toEqual([true, true, false, true, true, false, false, false]);
    expect(frontAt([cable(0, "down"), cable(2, "down", 2)], 100).isDown).toBe(true);
  });
});

const members = ["delayMilliseconds", "lossPercent", "corruptionPercent"] as const;
const anImpairment = fc
  .record(Object.fromEntries(members.map((member) => [member, fc.integer({ min: 1, max: 100 })])), { requiredKeys: [] })
  .map((impairment): Impairment => impairment);
const aTime = fc.integer({ min: 0, max: 600 }).map((tenths) => tenths / 10);
const aLength = fc.integer({ min: 1, max: 300 }).map((tenths) => tenths / 10);
const aTimedFault = fc.oneof(
  fc
    .record({ at: aTime, length: aLength, impairment: anImpairment, from: fc.constantFrom(undefined, "client", "web") })
    .map(({ at, length, impairment, from }) => impair(at, length, impairment, from === undefined ? {} : { from })),
  fc.record({ at: aTime, length: aLength }).map(({ at, length }) => cable(at, "down", length)),
);

/** The same, worked out the other way: one member of one direction at a time, by the newest fault that speaks of it. */
const expectedMember = (
  timeline: readonly TimelineEvent[],
  { seconds, from, member }: { seconds: number; from: string; member: (typeof members)[number] },
): number | undefined => {
  let newest = { at: -1, value: member === "delayMilliseconds" ? 10 : undefined };
  for (const event of timeline) {
    if (event.kind !== "impair" || (event.from !== undefined && event.from !== from)) continue;
    const isOver = seconds >= event.atSeconds + (event.forSeconds ?? Infinity);
    const value = event.impairment[member];
    if (event.atSeconds > seconds || isOver || value === undefined || event.atSeconds < newest.at) continue;
    newest = { at: event.atSeconds, value };
  }
  return newest.value;
};

describe("at every moment of any timeline", () => {
  it("a link is as the topology has it, and the newest active faults on top", () => {
    fc.assert(
      fc.property(fc.array(aTimedFault, { maxLength: 12 }), aTime, (timeline, seconds) => {
        const { fromClient, fromWeb, isDown } = frontAt(timeline, seconds);
        for (const member of members) {
          expect(fromClient?.[member]).toBe(expectedMember(timeline, { seconds, from: "client", member }));
          expect(fromWeb?.[member]).toBe(expectedMember(timeline, { seconds, from: "web", member }));
        }
        const isDownNow = timeline.some(
          (event) =>
            event.kind === "link" &&
            event.atSeconds <= seconds &&
            seconds < event.atSeconds + (event.forSeconds ?? Infinity),
        );
        expect(isDown).toBe(isDownNow);
      }),
      { numRuns: 500 },
    );
  });

  it("a link is as the topology has it before the first fault and after the last one", () => {
    fc.assert(
      fc.property(fc.array(aTimedFault, { minLength: 1, maxLength: 12 }), (timeline) => {
        const lab = aThreeTierLab({ timeline });
        const end = Math.max(...timeline.map(({ atSeconds, forSeconds = 0 }) => atSeconds + forSeconds));
        expect(linkStateAt(lab, end)).toEqual(baseLinkStates(lab));
        expect(linkStateAt(lab, -1)).toEqual(baseLinkStates(lab));
      }),
    );
  });
});
