import { z } from "zod";

/**
 * How often answers of which length came, as pairs of bin and count. Bins grow by 5 %, so a percentile is exact to
 * 2.5 %, and counts of several steps can be added, which percentiles cannot.
 */
export const LatencyCounts = z.array(z.tuple([z.int().nonnegative(), z.int().positive()]));
export type LatencyCounts = z.infer<typeof LatencyCounts>;

const growth = Math.log(1.05);
const binOf = (milliseconds: number): number => Math.round(Math.log(Math.max(1, milliseconds)) / growth);
const millisecondsOf = (bin: number): number => Math.round(Math.exp(bin * growth));

export const addLatency = (counts: LatencyCounts, milliseconds: number): LatencyCounts => {
  const bin = binOf(milliseconds);
  return counts.some(([known]) => known === bin)
    ? counts.map(([known, count]) => (known === bin ? [known, count + 1] : [known, count]))
    : [...counts, [bin, 1]];
};

/** The answers of several steps together. */
export const sumOf = (all: readonly LatencyCounts[]): LatencyCounts => {
  const sum = new Map<number, number>();
  for (const [bin, count] of all.flat()) sum.set(bin, (sum.get(bin) ?? 0) + count);
  return [...sum];
};

/** Whole milliseconds that this share of the answers did not exceed; null without answers. */
export const percentile = (counts: LatencyCounts, share: number): number | null => {
  const sorted = counts.toSorted(([one], [other]) => one - other);
  const total = sorted.reduce((sum, [, count]) => sum + count, 0);
  let seen = 0;
  for (const [bin, count] of sorted) {
    seen += count;
    if (seen >= total * share) return millisecondsOf(bin);
  }
  return null;
};
