import MiniSearch from "minisearch";
import type { IndexedWords, WordIndex } from "../../tools/ports.ts";

const fields = ["name", "slug", "tags", "description"] as const;
const boost = { name: 6, slug: 4, tags: 3 };
/** A word shorter than this is not looked for with a typing error: half the language is one letter away from it. */
const fuzzyLengthMin = 5;
/** Hits kept for words that were asked for: about 20 MB. */
const keptHitsMax = 200_000;

const marks = /\p{M}+/gu;
const fold = (term: string): string => term.normalize("NFKD").replace(marks, "").toLowerCase();
// The library types its defaults as anything; this one is documented as what is said here.
const tokenize = MiniSearch.getDefault("tokenize") as (text: string) => string[];
const termsOf = (text: string): readonly string[] =>
  [...new Set(tokenize(text).map(fold))].filter((term) => term !== "");

/** Scores by id. */
type Hits = ReadonlyMap<string, number>;

/**
 * Hits of words, the last asked for longest. A word that nearly every tool has takes longer than all the others together,
 * and it is asked for again and again.
 */
const makeKeptHits = () => {
  const kept = new Map<string, Hits>();
  let size = 0;
  return {
    clear: () => {
      kept.clear();
      size = 0;
    },
    of: (key: string, find: () => Hits): Hits => {
      const hits = kept.get(key) ?? find();
      if (kept.delete(key)) size -= hits.size;
      kept.set(key, hits);
      size += hits.size;
      for (const [oldest, { size: its }] of kept) {
        if (size <= keptHitsMax || oldest === key) break;
        kept.delete(oldest);
        size -= its;
      }
      return hits;
    },
  };
};

/** What has all words, the sum of their scores. The rarest word decides how much there is to do. */
const inAll = (all: readonly Hits[]): readonly { readonly id: string; readonly score: number }[] => {
  const [rarest, ...others] = all.toSorted((one, other) => one.size - other.size);
  if (rarest === undefined) return [];
  return [...rarest].flatMap(([id, score]) => {
    const scores = others.map((hits) => hits.get(id));
    return scores.includes(undefined)
      ? []
      : [{ id, score: scores.reduce<number>((sum, one) => sum + (one ?? 0), score) }];
  });
};

/** A MiniSearch index: words are found without regard to case and marks, by their beginnings, and with one typing error. */
export const miniSearchWordIndex = (): WordIndex => {
  const index = new MiniSearch<IndexedWords>({ fields: [...fields], processTerm: fold });
  const kept = makeKeptHits();
  const findTerm = (term: string, isFuzzy: boolean): Hits => {
    const fuzzy = isFuzzy && term.length >= fuzzyLengthMin ? 1 : false;
    const hits = index.search(term, { boost, prefix: true, fuzzy, tokenize: (text) => [text] });
    return new Map(hits.map(({ id, score }) => [String(id), score]));
  };
  const find = (terms: readonly string[], isFuzzy: boolean) =>
    inAll(terms.map((term) => kept.of(`${isFuzzy ? "~" : "="}${term}`, () => findTerm(term, isFuzzy))));
  return {
    put: (words) => {
      kept.clear();
      if (index.has(words.id)) index.replace(words);
      else index.add(words);
    },
    remove: (id) => {
      kept.clear();
      if (index.has(id)) index.discard(id);
    },
    search: (text) => {
      const terms = termsOf(text);
      const exact = find(terms, false);
      return exact.length > 0 ? exact : find(terms, true);
    },
  };
};
