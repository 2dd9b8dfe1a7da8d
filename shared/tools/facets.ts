import type { ToolSummary } from "./warm-catalog.ts";

export interface FacetValue {
  readonly value: string;
  readonly count: number;
}

/** How many of the tools found have which value, most frequent first. `none` counts the tools without a category. */
export interface Facets {
  readonly category: readonly FacetValue[];
  readonly tag: readonly FacetValue[];
  readonly license: readonly FacetValue[];
  readonly status: readonly FacetValue[];
}

/** Nobody reads longer lists; categories are never cut, for the tree is made of them. */
const valuesMax = 30;
const categoriesShownMax = 1_000;

const ranked = (counts: ReadonlyMap<string, number>, max: number): readonly FacetValue[] =>
  Array.from(counts, ([value, count]) => ({ value, count }))
    .sort((one, other) => other.count - one.count || (one.value < other.value ? -1 : 1))
    .slice(0, max);

const count = (counts: Map<string, number>, value: string): void => {
  counts.set(value, (counts.get(value) ?? 0) + 1);
};

export const facetsOf = (tools: readonly ToolSummary[]): Facets => {
  const counts = {
    category: new Map<string, number>(),
    tag: new Map<string, number>(),
    license: new Map<string, number>(),
    status: new Map<string, number>(),
  };
  for (const { category, tags, license, status } of tools) {
    count(counts.category, category ?? "none");
    for (const tag of tags) count(counts.tag, tag);
    if (license !== null && license !== "") count(counts.license, license);
    count(counts.status, status);
  }
  return {
    category: ranked(counts.category, categoriesShownMax),
    tag: ranked(counts.tag, valuesMax),
    license: ranked(counts.license, valuesMax),
    status: ranked(counts.status, valuesMax),
  };
};
