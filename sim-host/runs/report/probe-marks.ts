import type { AssertionReport, ProbeResult } from "../run.ts";
import { rounded } from "../words.ts";
import type { TimeScale } from "./time-scale.ts";

/** `good`: as expected. `bad`: what the assertion failed by. `open`: neither, one had to wait. */
export type ProbeMeaning = "good" | "bad" | "open";

const meaningOf = ({ expect, verdict }: AssertionReport, isReached: boolean): ProbeMeaning => {
  if (expect === "eventually") {
    if (isReached) return "good";
    return verdict === "failed" ? "bad" : "open";
  }
  return isReached === (expect === "always") ? "good" : "bad";
};

export interface ProbeMark {
  readonly x: number;
  readonly isReached: boolean;
  readonly meaning: ProbeMeaning;
}

const widthOfMark = 3;

/** One mark for each place where there is room for one; of several probes there, the one that matters most. */
export const probeMarks = (assertion: AssertionReport, scale: TimeScale): readonly ProbeMark[] => {
  const marks = new Map<number, ProbeMark>();
  for (const { atSeconds, isReached } of assertion.probes) {
    const mark = { x: scale.x(atSeconds), isReached, meaning: meaningOf(assertion, isReached) };
    const place = Math.round(mark.x / widthOfMark);
    const present = marks.get(place);
    if (present === undefined || (mark.meaning === "bad" && present.meaning !== "bad")) marks.set(place, mark);
  }
  return [...marks.values()];
};

/** Probes one after the other that came out alike. */
export interface ProbeSpan {
  readonly fromSeconds: number;
  readonly untilSeconds: number;
  readonly count: number;
  readonly isReached: boolean;
  readonly detail: string;
  readonly slowestMilliseconds: number;
}

const added = (span: ProbeSpan, { atSeconds, milliseconds }: ProbeResult): ProbeSpan => ({
  ...span,
  untilSeconds: atSeconds,
  count: span.count + 1,
  slowestMilliseconds: Math.max(span.slowestMilliseconds, milliseconds),
});

export const probeSpans = (probes: readonly ProbeResult[]): readonly ProbeSpan[] => {
  const spans: ProbeSpan[] = [];
  for (const probe of probes) {
    const last = spans.at(-1);
    const { atSeconds, isReached, detail, milliseconds } = probe;
    if (last?.isReached === isReached && last.detail === detail) spans.splice(-1, 1, added(last, probe));
    else {
      const ends = { fromSeconds: atSeconds, untilSeconds: atSeconds, slowestMilliseconds: milliseconds };
      spans.push({ ...ends, count: 1, isReached, detail });
    }
  }
  return spans;
};

/** As in `0 s to 4.2 s: connected, 5 probes, at most 3 ms`. */
export const spanText = ({ fromSeconds, untilSeconds, count, detail, slowestMilliseconds }: ProbeSpan): string => {
  const when = count === 1 ? `${rounded(fromSeconds)} s` : `${rounded(fromSeconds)} s to ${rounded(untilSeconds)} s`;
  return `${when}: ${detail}, ${count === 1 ? "" : `${count} probes, at most `}${Math.round(slowestMilliseconds)} ms`;
};
