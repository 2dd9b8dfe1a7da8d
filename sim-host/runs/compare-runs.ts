import type { AssertionReport, Run, RunStatus, Verdict } from "./run.ts";

/** What an assertion came to in one run, or that the run had none of that name. */
interface Outcome {
  readonly verdict: Verdict | "absent";
  readonly reason?: string;
}

/** How well an assertion's node was reached in one run; null: never. */
interface Reach {
  readonly probes: number;
  readonly reached: number;
  readonly firstReachedAtSeconds: number | null;
  /** The middle one of those that reached. */
  readonly medianMilliseconds: number | null;
}

/** The same of both runs. */
interface Both<T> {
  readonly name: string;
  readonly earlier: T;
  readonly later: T;
}

/** How a run differs from an earlier one of the same simulation. */
export interface Comparison {
  readonly earlier: { readonly id: string; readonly status: RunStatus };
  readonly later: { readonly id: string; readonly status: RunStatus };
  /** The same topology and seed: differences come from the nodes, or from chance of timing. */
  readonly isSameTopology: boolean;
  /** Assertions that came out otherwise, in the later run's order, then those that only the earlier one had. */
  readonly differences: readonly Both<Outcome>[];
  /** Of every assertion that both have. */
  readonly timings: readonly Both<Reach>[];
}

const assertionOf = ({ assertions }: Run, name: string): AssertionReport | undefined =>
  assertions.find((assertion) => assertion.name === name);

const outcomeOf = (found: AssertionReport | undefined): Outcome =>
  found === undefined ? { verdict: "absent" } : { verdict: found.verdict, reason: found.reason };

const reachOf = ({ probes }: AssertionReport): Reach => {
  const reached = probes.filter(({ isReached }) => isReached);
  const inOrder = reached.map(({ milliseconds }) => milliseconds).sort((one, other) => one - other);
  return {
    probes: probes.length,
    reached: reached.length,
    firstReachedAtSeconds: reached[0]?.atSeconds ?? null,
    medianMilliseconds: inOrder[Math.floor((inOrder.length - 1) / 2)] ?? null,
  };
};

const endOf = ({ id, status }: Run): Comparison["earlier"] => ({ id, status });

export const compareRuns = (earlier: Run, later: Run): Comparison => {
  const names = [...new Set([...later.assertions, ...earlier.assertions].map(({ name }) => name))];
  const pairs = names.map((name) => ({
    name,
    earlier: assertionOf(earlier, name),
    later: assertionOf(later, name),
  }));
  return {
    earlier: endOf(earlier),
    later: endOf(later),
    isSameTopology: earlier.topology.digest === later.topology.digest,
    differences: pairs
      .map(({ name, ...both }) => ({ name, earlier: outcomeOf(both.earlier), later: outcomeOf(both.later) }))
      .filter((one) => one.earlier.verdict !== one.later.verdict),
    timings: pairs.flatMap(({ name, ...both }) =>
      both.earlier === undefined || both.later === undefined
        ? []
        : [{ name, earlier: reachOf(both.earlier), later: reachOf(both.later) }],
    ),
  };
};
