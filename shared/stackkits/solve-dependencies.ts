import { rsort, satisfies, validRange } from "semver";
import type { KitDependency } from "./kit-facts.ts";

/** A version that can be chosen, with what it needs in turn. */
export interface Candidate {
  readonly version: string;
  readonly dependencies: readonly KitDependency[];
}

/** Versions by kit; yanked ones are left out by the caller unless they are installed. */
export type Candidates = ReadonlyMap<string, readonly Candidate[]>;

export type Solution =
  | { readonly kind: "solved"; readonly versions: ReadonlyMap<string, string> }
  /** `reasons` are sentences, each naming who wants what. */
  | { readonly kind: "conflict"; readonly reasons: readonly string[] };

interface Wish extends KitDependency {
  readonly by: string;
}

interface Search {
  readonly candidates: Candidates;
  readonly preferred: ReadonlyMap<string, string>;
  readonly reasons: Set<string>;
  stepsLeft: number;
}

/** Backtracking over a hostile catalogue ends here instead of never. */
const stepsMax = 10_000;
const reasonsMax = 20;

type Chosen = ReadonlyMap<string, { readonly version: string; readonly by: string }>;

const explain = (search: Search, reason: string): void => {
  if (search.reasons.size < reasonsMax) search.reasons.add(reason);
};

/** Newest first, but what is installed stays if it can: an install must not upgrade what it need not touch. */
const inOrder = (search: Search, wish: Wish): readonly Candidate[] => {
  const fitting = (search.candidates.get(wish.id) ?? []).filter(({ version }) => satisfies(version, wish.range));
  const order = rsort(fitting.map(({ version }) => version));
  const installed = search.preferred.get(wish.id);
  const rank = ({ version }: Candidate): number => (version === installed ? -1 : order.indexOf(version));
  return fitting.toSorted((one, other) => rank(one) - rank(other));
};

const noneFits = (search: Search, wish: Wish): string => {
  const known = search.candidates.get(wish.id);
  if (known === undefined) return `${wish.by} needs ${wish.id} ${wish.range}, but there is no kit ${wish.id}.`;
  const versions = rsort(known.map(({ version }) => version)).slice(0, 5);
  return `${wish.by} needs ${wish.id} ${wish.range}, but there is only ${versions.join(", ") || "no usable version"}.`;
};

/** Why a wish cannot be met at all, whatever else is chosen. */
const hopeless = (
  search: Search,
  wish: Wish,
  there: { version: string; by: string } | undefined,
): string | undefined => {
  if (search.stepsLeft < 0) return "The dependencies are too entangled to be solved.";
  if (validRange(wish.range) === null) return `${wish.by} needs ${wish.id} ${wish.range}, which is not a semver range.`;
  if (there === undefined || satisfies(there.version, wish.range)) return undefined;
  return `${wish.by} needs ${wish.id} ${wish.range}, but ${there.by} leads to ${wish.id} ${there.version}.`;
};

const choose = (search: Search, chosen: Chosen, wishes: readonly Wish[]): Chosen | undefined => {
  const [wish, ...rest] = wishes;
  if (wish === undefined) return chosen;
  search.stepsLeft -= 1;
  const there = chosen.get(wish.id);
  const reason = hopeless(search, wish, there);
  if (reason !== undefined) {
    explain(search, reason);
    return undefined;
  }
  if (there !== undefined) return choose(search, chosen, rest);
  const fitting = inOrder(search, wish);
  if (fitting.length === 0) explain(search, noneFits(search, wish));
  for (const { version, dependencies } of fitting) {
    const by = `${wish.id} ${version}`;
    const next = new Map(chosen).set(wish.id, { version, by: wish.by });
    const found = choose(search, next, [...rest, ...dependencies.map((dependency) => ({ ...dependency, by }))]);
    if (found !== undefined || search.stepsLeft < 0) return found;
  }
  return undefined;
};

/**
 * One version of every kit that `wanted` needs, directly or not; `installed` versions are kept where the ranges allow.
 * Complete: a conflict is only reported when no choice works, or after 10,000 steps.
 */
export const solveDependencies = (
  wanted: KitDependency,
  candidates: Candidates,
  installed: ReadonlyMap<string, string> = new Map(),
): Solution => {
  const search: Search = { candidates, preferred: installed, reasons: new Set(), stepsLeft: stepsMax };
  const found = choose(search, new Map(), [{ ...wanted, by: "You" }]);
  return found === undefined
    ? { kind: "conflict", reasons: [...search.reasons] }
    : { kind: "solved", versions: new Map([...found].map(([id, { version }]) => [id, version])) };
};
