import type { Plan } from "../tenants/plan.ts";
import type { KitIndex } from "./kit-index.ts";
import { newestOf } from "./kit-index.ts";
import { requiredPlanOf } from "./plan-gate.ts";

export interface ListQuery {
  /** Every word has to be found in name, id, summary or categories. */
  readonly text: string;
  readonly category?: string | undefined;
  readonly minPlan?: Plan | undefined;
  readonly sort: "name" | "newest";
  readonly limit: number;
  /** The last one of the page before: what it is sorted by, and its id. */
  readonly after?: readonly [string, string] | undefined;
}

export interface ListedKit {
  readonly id: string;
  readonly name: string;
  readonly summary: string;
  readonly categories: readonly string[];
  readonly minPlan: Plan;
  /** See `newestOf`. */
  readonly version: string;
  readonly publishedAt: string;
  /** What the tenant has to have; null when it may have the kit now. */
  readonly requiredPlan: Plan | null;
}

export interface KitList {
  readonly kits: readonly ListedKit[];
  /** Counts of all that match, by category and plan. */
  readonly facets: {
    readonly categories: Readonly<Record<string, number>>;
    readonly plans: Readonly<Record<string, number>>;
  };
  readonly total: number;
  /** Where the next page begins; null after the last one. */
  readonly next: readonly [string, string] | null;
}

type IndexedKit = KitIndex["kits"][number];

const listed = (kit: IndexedKit, plan: Plan): readonly ListedKit[] => {
  const newest = newestOf(kit.versions);
  if (newest === undefined) return [];
  const { id } = kit;
  // A newer version that was withdrawn may have another name and another plan.
  const { name, summary, categories, minPlan } = newest.listing ?? kit;
  const { version, publishedAt } = newest;
  const requiredPlan = requiredPlanOf(minPlan, plan);
  return [{ id, name, summary, categories, minPlan, version, publishedAt, requiredPlan }];
};

const wordsOf = (text: string): readonly string[] =>
  text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "");

const keyOf = (kit: ListedKit, sort: ListQuery["sort"]): readonly [string, string] => [
  sort === "name" ? kit.name.toLowerCase() : kit.publishedAt,
  kit.id,
];

const compared = (one: readonly [string, string], other: readonly [string, string]): number => {
  const place = one[0] === other[0] ? 1 : 0;
  if (one[place] === other[place]) return 0;
  return one[place] < other[place] ? -1 : 1;
};

const counted = (values: readonly string[]): Readonly<Record<string, number>> => {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return Object.fromEntries([...counts].toSorted(([one], [other]) => (one < other ? -1 : 1)));
};

/** A page of the catalogue as a tenant of this plan sees it: what its plan is too small for is listed as well. */
export const listKits = (kits: Iterable<IndexedKit>, query: ListQuery, plan: Plan): KitList => {
  const words = wordsOf(query.text);
  const matching = [...kits]
    .flatMap((kit) => listed(kit, plan))
    .filter((kit) => {
      const text = [kit.id, kit.name, kit.summary, ...kit.categories].join(" ").toLowerCase();
      const isAsked = query.category === undefined || kit.categories.includes(query.category);
      const isOfPlan = query.minPlan === undefined || kit.minPlan === query.minPlan;
      return isAsked && isOfPlan && words.every((word) => text.includes(word));
    });
  const direction = query.sort === "name" ? 1 : -1;
  const { after } = query;
  const rest = matching
    .map((kit) => ({ kit, key: keyOf(kit, query.sort) }))
    .toSorted((one, other) => direction * compared(one.key, other.key))
    .filter(({ key }) => after === undefined || direction * compared(key, after) > 0);
  const page = rest.slice(0, query.limit);
  return {
    kits: page.map(({ kit }) => kit),
    facets: {
      categories: counted(matching.flatMap(({ categories }) => categories)),
      plans: counted(matching.map(({ minPlan }) => minPlan)),
    },
    total: matching.length,
    next: rest.length > page.length ? (page.at(-1)?.key ?? null) : null,
  };
};
