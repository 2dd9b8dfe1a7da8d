/** One thing to measure against its baseline, both in the same run. */
export interface Pair {
  readonly name: string;
  /** What the figure must be at most, and how a round forms it from its two sides. Without a maximum it only informs. */
  readonly bound: { readonly kind: "ratio" | "difference"; readonly max?: number };
  /** Of what both sides measure; milliseconds unless it says otherwise. */
  readonly unit?: string;
  readonly measured: string;
  readonly baseline: string;
  readonly rounds: number;
  readonly warmUp: number;
  /** Opens both sides; each call of the returned functions is one round and answers what it measured, such as its own time. */
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

/** NaN for no values at all. */
export const figureOf = (values: readonly number[]): Figure => {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = [sorted[Math.ceil(sorted.length / 2) - 1], sorted[Math.floor(sorted.length / 2)]];
  const median = middle.reduce<number>((sum, value) => sum + (value ?? Number.NaN) / 2, 0);
  return { median, p95: at(sorted, 0.95), min: at(sorted, 0) };
};

/** Milliseconds that one call takes. */
export const timed = async (act: () => Promise<unknown>): Promise<number> => {
  const begin = performance.now();
  await act();
  return performance.now() - begin;
};

/**
 * Measures both sides in turn, so that whatever else the machine does falls on both. Who goes first alternates: the
 * second finds warmer caches, or an instance that holds a tenant more.
 */
export const runPair = async (pair: Pair): Promise<PairResult> => {
  const { measure, compare, close } = await pair.open();
  const play = async (round: number): Promise<{ readonly measured: number; readonly baseline: number }> => {
    if (round % 2 === 0) return { measured: await measure(), baseline: await compare() };
    const baseline = await compare();
    return { measured: await measure(), baseline };
  };
  try {
    for (let round = 0; round < pair.warmUp; round += 1) await play(round);
    const rounds: Awaited<ReturnType<typeof play>>[] = [];
    for (let round = 0; round < pair.rounds; round += 1) rounds.push(await play(round));
    const values = rounds.map(({ measured, baseline }) =>
      pair.bound.kind === "ratio" ? measured / baseline : measured - baseline,
    );
    const value = figureOf(values).median;
    return {
      pair,
      measured: figureOf(rounds.map(({ measured }) => measured)),
      baseline: figureOf(rounds.map(({ baseline }) => baseline)),
      value,
      isReached: pair.bound.max === undefined || value <= pair.bound.max,
    };
  } finally {
    await close();
  }
};

const amount = (value: number, unit: string): string => `${value.toFixed(value < 10 && unit === "ms" ? 2 : 0)} ${unit}`;

/** The figure in words, with its bound. */
export const valueText = ({ pair: { bound, unit = "ms" }, value }: PairResult): string => {
  const inWords = (amountOf: number): string => (bound.kind === "ratio" ? `${amountOf}x` : amount(amountOf, unit));
  const aim = bound.max === undefined ? "no aim" : `at most ${inWords(bound.max)}`;
  return bound.kind === "ratio" ? `${value.toFixed(2)}x (${aim})` : `${amount(value, unit)} more (${aim})`;
};

const range = ({ min, median, p95 }: Figure, unit = "ms"): string =>
  `${amount(median, unit)} (${amount(min, unit)} to ${amount(p95, unit)})`;

const wordOf = ({ pair, isReached }: PairResult): string => {
  if (pair.bound.max === undefined) return "";
  return isReached ? "reached" : "MISSED";
};

/** One table for people: medians with their spread (fastest to 95th percentile), and whether the aim is reached. */
export const tableOf = (results: readonly PairResult[]): string => {
  const rows = results.map((result) => [
    result.pair.name,
    `${result.pair.measured}: ${range(result.measured, result.pair.unit)}`,
    `${result.pair.baseline}: ${range(result.baseline, result.pair.unit)}`,
    valueText(result),
    wordOf(result),
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
