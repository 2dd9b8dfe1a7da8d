import { z } from "zod";
import type { HistorySpan } from "./fleet-view.ts";
import { HealthState } from "./health-state.ts";
import { addLatency, LatencyCounts } from "./latency.ts";

export const StepState = z.enum([...HealthState.options, "maintenance"]);
export type StepState = z.infer<typeof StepState>;

/** One step of the history: a minute, an hour or a day. `from` is its beginning (ISO 8601 UTC). */
export const Bucket = z.object({ from: z.string(), state: StepState, latency: LatencyCounts });
export type Bucket = z.infer<typeof Bucket>;

const days = 24 * 60 * 60_000;

interface Tier {
  readonly stepMilliseconds: number;
  /** How much of an ISO instant names the step, and what completes it to an instant again. */
  readonly step: { readonly length: number; readonly rest: string };
  /** How much of it names the chunk (document) that the step is kept in. */
  readonly chunk: { readonly length: number; readonly rest: string };
  /** Kept for this long after the chunk's last step has begun at the latest. */
  readonly keptMilliseconds: number;
}

/** Minutes are kept for a day, hours for a month, days for a year. A chunk is an hour, a day, a month of them. */
export const tiers = {
  minutes: {
    stepMilliseconds: 60_000,
    step: { length: 16, rest: ":00.000Z" },
    chunk: { length: 13, rest: ":00:00.000Z" },
    keptMilliseconds: days + days / 24,
  },
  hours: {
    stepMilliseconds: 60 * 60_000,
    step: { length: 13, rest: ":00:00.000Z" },
    chunk: { length: 10, rest: "T00:00:00.000Z" },
    keptMilliseconds: 32 * days,
  },
  days: {
    stepMilliseconds: days,
    step: { length: 10, rest: "T00:00:00.000Z" },
    chunk: { length: 7, rest: "-01T00:00:00.000Z" },
    keptMilliseconds: 397 * days,
  },
} as const satisfies Record<HistorySpan, Tier>;

export const spans = ["minutes", "hours", "days"] as const satisfies readonly HistorySpan[];

const cut = (iso: string, { length, rest }: Tier["step"]): string => iso.slice(0, length) + rest;

/** Where the step of this instant begins. */
export const stepOf = (span: HistorySpan, iso: string): string => cut(iso, tiers[span].step);

/** The chunk a step is kept in: where it begins, and until when it is kept. */
export const chunkOf = (span: HistorySpan, stepFrom: string): { readonly from: string; readonly expiresAt: string } => {
  const from = cut(stepFrom, tiers[span].chunk);
  return { from, expiresAt: new Date(Date.parse(from) + tiers[span].keptMilliseconds).toISOString() };
};

/** From the least to the most remarkable: what a step shows when it saw several. */
const rank: Readonly<Record<StepState, number>> = {
  unknown: 0,
  healthy: 1,
  maintenance: 2,
  degraded: 3,
  failing: 4,
  stale: 5,
  offline: 6,
};

export const worstOf = <T extends StepState>(one: T, other: T): T => (rank[other] > rank[one] ? other : one);

/** What one look found. `latencyMilliseconds` is null when nothing was answered. */
export interface Finding {
  readonly at: string;
  readonly state: StepState;
  readonly latencyMilliseconds: number | null;
}

/** The steps under way (one per span), and the closed ones that are not yet in their chunk. */
export const OpenHistory = z.object({
  minutes: Bucket.nullable(),
  hours: Bucket.nullable(),
  days: Bucket.nullable(),
  closed: z.array(z.object({ span: z.enum(spans), bucket: Bucket })),
});
export type OpenHistory = z.infer<typeof OpenHistory>;

export const emptyHistory: OpenHistory = { minutes: null, hours: null, days: null, closed: [] };

/** More closed steps than this wait only if no round comes to put them away; the oldest are given up. */
const closedMax = 120;

const added = (bucket: Bucket, { state, latencyMilliseconds }: Finding): Bucket => ({
  ...bucket,
  state: worstOf(bucket.state, state),
  latency: latencyMilliseconds === null ? bucket.latency : addLatency(bucket.latency, latencyMilliseconds),
});

/** Adds a finding to the minute, the hour and the day it belongs to; a step that is over is closed. */
export const recordFinding = (history: OpenHistory, finding: Finding): OpenHistory => {
  const next = { ...history, closed: [...history.closed] };
  for (const span of spans) {
    const from = stepOf(span, finding.at);
    const open = next[span];
    // A finding from before the open step comes from a round that was overtaken.
    if (open !== null && from < open.from) continue;
    if (open !== null && from > open.from) next.closed.push({ span, bucket: open });
    const current = open?.from === from ? open : { from, state: finding.state, latency: [] };
    next[span] = added(current, finding);
  }
  next.closed = next.closed.slice(-closedMax);
  return next;
};
