/** One thing to measure against its baseline, both in the same run. `once` is one round; its unit is milliseconds. */
export interface Pair {
  readonly name: string;
  /** What the figure must be at most, and how it is formed from the two medians. */
  readonly bound: { readonly kind: "ratio" | "difference-milliseconds"; readonly max: number };
  readonly measured: string;
  readonly baseline: string;
  readonly rounds: number;
  readonly warmUp: number;
  /** Opens both sides; each call of the returned functions is one round and answers its own time. */
  readonly open: () => Promise<{
    readonly measure: () => Promise<number>;
    readonly compare: () => Promise<number>;
    readonly close: () => Promise<void>;
  }>;
}

export interface Figure {
  readonly median: number;
  readonly p95: number;
  readonly min: number;
}

export interface PairResult {
  readonly pair: Pair;
  readonly measured: Figure;
  readonly baseline: Figure;
  /** The median of the rounds' own ratios or differences: it holds when the machine's speed drifts. */
  readonly value: number;
  readonly isReached: boolean;
}

const at = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;

const figureOf = (values: readonly number[]): Figure => {
  const sorted = values.toSorted((one, other) => one - other);
  return { median: at(sorted, 0.5), p95: at(sorted, 0.95), min: at(sorted, 0) };
};

/** Milliseconds that one call takes. */
export const timed = async (act: () => Promise<unknown>): Promise<number> => {
  const begin = performance.now();
  await act();
  return performance.now() - begin;
};

/** Measures both sides in turn, so that whatever else the machine does falls on both. */
export const runPair = async (pair: Pair): Promise<PairResult> => {
  const { measure, compare, close } = await pair.open();
  try {
    for (let round = 0; round < pair.warmUp; round += 1) {
      await measure();
      await compare();
    }
    const measured: number[] = [];
    const baseline: number[] = [];
    for (let round = 0; round < pair.rounds; round += 1) {
      measured.push(await measure());
      baseline.push(await compare());
    }
    const rounds = measured.map((value, index) => {
      const base = baseline[index] ?? Number.NaN;
      return pair.bound.kind === "ratio" ? value / base : value - base;
    });
    const value = figureOf(rounds).median;
    return {
      pair,
      measured: figureOf(measured),
      baseline: figureOf(baseline),
      value,
      isReached: value <= pair.bound.max,
    };
  } finally {
    await close();
  }
};

const milliseconds = (value: number): string => `${value.toFixed(value < 10 ? 2 : 0)} ms`;

const valueText = ({ pair: { bound }, value }: PairResult): string =>
  bound.kind === "ratio"
    ? `${value.toFixed(2)}x (at most ${bound.max}x)`
    : `${milliseconds(value)} more (at most ${milliseconds(bound.max)})`;

const range = ({ min, median, p95 }: Figure): string =>
  `${milliseconds(median)} (${milliseconds(min)} to ${milliseconds(p95)})`;

/** One table for people: medians with their spread (fastest to 95th percentile), and whether the aim is reached. */
export const tableOf = (results: readonly PairResult[]): string => {
  const rows = results.map((result) => [
    result.pair.name,
    `${result.pair.measured}: ${range(result.measured)}`,
    `${result.pair.baseline}: ${range(result.baseline)}`,
    valueText(result),
    result.isReached ? "reached" : "MISSED",
  ]);
  const head = ["what", "measured", "baseline", "figure", ""];
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd();
  return [line(head), ...rows.map(line)].join("\n");
};
