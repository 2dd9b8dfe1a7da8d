import type { AssertionReport, Run, RunStatus, Verdict } from "./run.ts";

/** What an assertion came to in one run, or that the run had none of that name. */
interface Outcome {
  readonly verdict: Verdict | "absent";
  readonly reason?: string;
}

/** How a run differs from an earlier one of the same simulation. */
export interface Comparison {
  readonly earlier: { readonly id: string; readonly status: RunStatus };
  readonly later: { readonly id: string; readonly status: RunStatus };
  /** The same topology and seed: differences come from the nodes, or from chance of timing. */
  readonly isSameTopology: boolean;
  /** Assertions that came out otherwise, in the later run's order, then those that only the earlier one had. */
  readonly differences: readonly { readonly name: string; readonly earlier: Outcome; readonly later: Outcome }[];
}

const outcomeIn = ({ assertions }: Run, name: string): Outcome => {
  const found: AssertionReport | undefined = assertions.find((assertion) => assertion.name === name);
  return found === undefined ? { verdict: "absent" } : { verdict: found.verdict, reason: found.reason };
};

const endOf = ({ id, status }: Run): Comparison["earlier"] => ({ id, status });

export const compareRuns = (earlier: Run, later: Run): Comparison => {
  const names = [...new Set([...later.assertions, ...earlier.assertions].map(({ name }) => name))];
  return {
    earlier: endOf(earlier),
    later: endOf(later),
    isSameTopology: earlier.topology.digest === later.topology.digest,
    differences: names
      .map((name) => ({ name, earlier: outcomeIn(earlier, name), later: outcomeIn(later, name) }))
      .filter((one) => one.earlier.verdict !== one.later.verdict),
  };
};
