import { flag, listOf, nullable, number, oneOf, optional, shape, text } from "../../page/shape.ts";

const status = oneOf("running", "passed", "failed", "cancelled", "interrupted");
const verdict = oneOf("open", "passed", "failed", "not-probed");
export type Verdict = ReturnType<typeof verdict>;
export type RunStatus = ReturnType<typeof status>;

const readAssertion = shape({
  ...{ name: text, what: text, expect: oneOf("always", "eventually", "never"), verdict, reason: text },
  ...{ fromSeconds: number, untilSeconds: number },
  probes: listOf(shape({ atSeconds: number, isReached: flag, detail: text })),
});
export type AssertionReport = ReturnType<typeof readAssertion>;

const readFault = shape({
  ...{ plannedAtSeconds: number, untilSeconds: optional(number), happenedAtSeconds: nullable(number) },
  ...{ subject: text, what: text, isUndoing: flag, outcome: oneOf("planned", "done", "failed", "skipped") },
  reason: optional(text),
});
export type FaultReport = ReturnType<typeof readFault>;

/** One play of a timeline. Times count from its start. */
export const readRun = shape({
  ...{ id: text, status, reason: optional(text), seed: number, startedAt: text, endedAt: optional(text) },
  durationSeconds: number,
  faults: listOf(readFault),
  assertions: listOf(readAssertion),
  captures: listOf(shape({ name: text, link: text, node: text, bytes: number, reason: optional(text) })),
});
export type Run = ReturnType<typeof readRun>;

const readSummary = shape({
  ...{ id: text, status, startedAt: text, durationSeconds: number },
  assertions: shape({ passed: number, failed: number, notProbed: number }),
});
export type RunSummary = ReturnType<typeof readSummary>;

const readEnd = shape({ id: text, status });
const readOutcome = shape({ verdict: oneOf("absent", "open", "passed", "failed", "not-probed") });
const readReach = shape({
  ...{ probes: number, reached: number },
  ...{ firstReachedAtSeconds: nullable(number), medianMilliseconds: nullable(number) },
});

/** How a run differs from an earlier one. */
export const readComparison = shape({
  ...{ earlier: readEnd, later: readEnd, isSameTopology: flag },
  differences: listOf(shape({ name: text, earlier: readOutcome, later: readOutcome })),
  timings: listOf(shape({ name: text, earlier: readReach, later: readReach })),
});
export type Comparison = ReturnType<typeof readComparison>;

export const readRuns = shape({ runs: listOf(readSummary) });

const readSave = shape({
  id: text,
  createdAt: text,
  bytes: number,
  nodes: listOf(shape({ name: text, bytes: number })),
});
export type Save = ReturnType<typeof readSave>;

export const readSaves = shape({ saves: listOf(readSave) });
