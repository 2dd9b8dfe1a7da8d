import type { Comparison, Run } from "../api/run-shapes.ts";
import { verdictWords } from "./run-words.ts";
import type { StateWords } from "../views/state-badge.ts";

/** One assertion of two runs; `before` is there when it came out otherwise in the earlier one. */
export interface ComparisonRow {
  readonly name: string;
  readonly verdict: StateWords;
  readonly before?: string;
  /** As in `18 of 20 probes, before 12 of 20`; a dash where only one run has the assertion. */
  readonly reached: string;
  readonly first: string;
  readonly usual: string;
}

type Verdict = Comparison["differences"][number]["later"]["verdict"];
type Timing = Comparison["timings"][number];

const absent: StateWords = { words: "Not in this run", mark: "absent", tone: "" };
const wordsOf = (verdict: Verdict): StateWords => (verdict === "absent" ? absent : verdictWords(verdict));
const beforeWords = (verdict: Verdict): string => (verdict === "absent" ? "not there" : wordsOf(verdict).words);

const changed = (now: string, before: string): string => (now === before ? now : `${now}, before ${before}`);

const secondsOf = (value: number | null): string => (value === null ? "never" : `${Math.round(value * 10) / 10} s`);
const millisecondsOf = (value: number | null): string => {
  if (value === null) return "–";
  return value < 1 ? "below 1 ms" : `${Math.round(value)} ms`;
};

const reachOf = (timing: Timing | undefined): Pick<ComparisonRow, "reached" | "first" | "usual"> => {
  if (timing === undefined) return { reached: "–", first: "–", usual: "–" };
  const { earlier, later } = timing;
  return {
    reached: changed(`${later.reached} of ${later.probes} probes`, `${earlier.reached} of ${earlier.probes} probes`),
    first: changed(secondsOf(later.firstReachedAtSeconds), secondsOf(earlier.firstReachedAtSeconds)),
    usual: changed(millisecondsOf(later.medianMilliseconds), millisecondsOf(earlier.medianMilliseconds)),
  };
};

/** Every assertion that one of the runs has, in the later run's order; what only the earlier one has comes last. */
export const comparisonRows = (
  { differences, timings }: Comparison,
  { assertions }: Pick<Run, "assertions">,
): readonly ComparisonRow[] => {
  const names = [...new Set([...assertions, ...differences].map(({ name }) => name))];
  return names.map((name) => {
    const difference = differences.find((one) => one.name === name);
    const verdict = difference?.later.verdict ?? assertions.find((one) => one.name === name)?.verdict ?? "absent";
    return {
      ...{ name, verdict: wordsOf(verdict) },
      ...(difference === undefined ? {} : { before: beforeWords(difference.earlier.verdict) }),
      ...reachOf(timings.find((one) => one.name === name)),
    };
  });
};

/** In a sentence or two, what differs and what it can come from. */
export const comparisonWords = ({ differences, isSameTopology }: Comparison): string => {
  const count = differences.length;
  const verdicts =
    count === 0
      ? "Every assertion came out as before."
      : `${count === 1 ? "One assertion" : `${count} assertions`} came out otherwise than before.`;
  const cause = isSameTopology
    ? "Topology and seed are the same: what differs comes from the nodes, or from the moments at which things happened."
    : "The topology was changed between the two.";
  return `${verdicts} ${cause}`;
};
