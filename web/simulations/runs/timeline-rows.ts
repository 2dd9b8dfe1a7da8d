import type { AssertionReport, FaultReport, Run } from "../api/run-shapes.ts";

/** A stretch of a run, as shares of its length from 0 to 1. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

export interface FaultBar extends Span {
  readonly label: string;
  readonly outcome: FaultReport["outcome"];
  /** It has no length: it happens, and something else ends it. */
  readonly isPoint: boolean;
  /** Where its words have room; where they have none, only the list has them. */
  readonly side: "right" | "left" | "none";
}

/** Everything that happens to one node or link. */
export interface FaultRow {
  readonly subject: string;
  readonly bars: readonly FaultBar[];
}

/** `good`: as expected; `bad`: what it failed by; `open`: neither. */
export interface ProbeMark {
  readonly at: number;
  readonly tone: "good" | "bad" | "open";
}

export interface AssertionRow {
  readonly assertion: AssertionReport;
  readonly window: Span;
  readonly marks: readonly ProbeMark[];
}

const toneOf = ({ expect, verdict }: AssertionReport, isReached: boolean): ProbeMark["tone"] => {
  if (expect !== "eventually") return isReached === (expect === "always") ? "good" : "bad";
  if (isReached) return "good";
  return verdict === "failed" ? "bad" : "open";
};

/** What is said of a fault at the row of what it happens to: without that name. */
const labelOf = ({ what, subject }: FaultReport): string =>
  what.startsWith(`${subject}: `) ? what.slice(subject.length + 2) : what;

/** About what a character takes of a track of usual width. */
const characterShare = 0.013;

/** Words stand after their bar, else before it, where no other bar is in the way. */
const withSides = (bars: readonly Omit<FaultBar, "side">[]): readonly FaultBar[] => {
  const inOrder = bars.toSorted((one, other) => one.from - other.from);
  let taken = 0;
  return inOrder.map((bar, index) => {
    const needed = (bar.label.length + 1) * characterShare;
    const roomAfter = (inOrder[index + 1]?.from ?? 1) - bar.to;
    const roomBefore = bar.from - taken;
    const side = roomAfter >= needed ? "right" : roomBefore >= needed ? "left" : "none";
    taken = bar.to + (side === "right" ? needed : 0);
    return { ...bar, side };
  });
};

const byPlace = (duration: number) => (seconds: number) =>
  duration === 0 ? 0 : Math.min(1, Math.max(0, seconds / duration));

export const faultRows = ({
  faults,
  durationSeconds,
}: Pick<Run, "faults" | "durationSeconds">): readonly FaultRow[] => {
  const place = byPlace(durationSeconds);
  const begins = faults.filter(({ isUndoing }) => !isUndoing);
  return [...new Set(begins.map(({ subject }) => subject))].map((subject) => ({
    subject,
    bars: withSides(
      begins
        .filter((fault) => fault.subject === subject)
        .map((fault) => {
          const from = fault.happenedAtSeconds ?? fault.plannedAtSeconds;
          const to = fault.untilSeconds;
          return {
            ...{ label: labelOf(fault), outcome: fault.outcome, isPoint: to === undefined },
            ...{ from: place(from), to: place(to ?? from) },
          };
        }),
    ),
  }));
};

export const assertionRows = ({
  assertions,
  durationSeconds,
}: Pick<Run, "assertions" | "durationSeconds">): readonly AssertionRow[] => {
  const place = byPlace(durationSeconds);
  return assertions.map((assertion) => ({
    assertion,
    window: { from: place(assertion.fromSeconds), to: place(assertion.untilSeconds) },
    marks: assertion.probes.map(({ atSeconds, isReached }) => ({
      at: place(atSeconds),
      tone: toneOf(assertion, isReached),
    })),
  }));
};

const steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600] as const;
const ticksMax = 8;

/** Round seconds for the axis, eight at most. */
export const axisSeconds = (durationSeconds: number): readonly number[] => {
  const step = steps.find((one) => durationSeconds / one <= ticksMax) ?? 7_200;
  return Array.from({ length: Math.floor(durationSeconds / step) + 1 }, (_, index) => index * step);
};

/** How much of a run that is under way is over, in seconds. Clocks differ: what was probed is over in any case. */
export const elapsedSeconds = ({ startedAt, durationSeconds, assertions }: Run, now: Date): number => {
  const probed = assertions.flatMap(({ probes }) => probes.map(({ atSeconds }) => atSeconds));
  const passed = (now.getTime() - Date.parse(startedAt)) / 1000;
  return Math.min(durationSeconds, Math.max(0, passed, ...probed));
};
