import type { HistorySpan, HistoryStep, LatencyView } from "./fleet-view.ts";
import { historySteps } from "./fleet-view.ts";
import type { HistoryChunk } from "./history-store.ts";
import type { Bucket, OpenHistory } from "./history.ts";
import { stepOf, tiers } from "./history.ts";
import { percentile, sumOf } from "./latency.ts";

/** Where the history shown begins; its last step is the one under way. */
export const firstStep = (span: HistorySpan, now: string): string => {
  const shown = (historySteps - 1) * tiers[span].stepMilliseconds;
  return new Date(Date.parse(stepOf(span, now)) - shown).toISOString();
};

/** The last 90 steps, oldest first, with the answer times in them. */
export const historyView = (
  span: HistorySpan,
  now: string,
  open: OpenHistory | undefined,
  chunks: readonly HistoryChunk[],
): { readonly history: readonly HistoryStep[]; readonly latency: LatencyView } => {
  const current = open?.[span] ?? null;
  const closed = (open?.closed ?? []).filter((each) => each.span === span).map(({ bucket }) => bucket);
  const all = [...chunks.flatMap(({ buckets }) => buckets), ...closed, ...(current === null ? [] : [current])];
  const byStep = new Map<string, Bucket>(all.map((bucket) => [bucket.from, bucket]));
  const begin = Date.parse(firstStep(span, now));
  const steps = Array.from({ length: historySteps }, (_, index) => {
    const from = new Date(begin + index * tiers[span].stepMilliseconds).toISOString();
    return { from, bucket: byStep.get(from) };
  });
  const counts = steps.map(({ bucket }) => bucket?.latency ?? []);
  const sum = sumOf(counts);
  return {
    history: steps.map(({ from, bucket }) => ({ from, state: bucket?.state ?? "none" })),
    latency: {
      p50: percentile(sum, 0.5),
      p95: percentile(sum, 0.95),
      series: counts.map((each) => percentile(each, 0.5)),
    },
  };
};
