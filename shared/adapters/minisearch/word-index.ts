import MiniSearch from "minisearch";
import type { IndexedWords, WordIndex } from "../../tools/ports.ts";

const fields = ["name", "slug", "tags", "description"] as const;
const boost = { name: 6, slug: 4, tags: 3 };
/** A word shorter than this is not looked for with a typing error: half the language is one letter away from it. */
const fuzzyLengthMin = 5;

const marks = /\p{M}+/gu;
const fold = (term: string): string => term.normalize("NFKD").replace(marks, "").toLowerCase();

/** A MiniSearch index: words are found without regard to case and marks, by their beginnings, and with one typing error. */
export const miniSearchWordIndex = (): WordIndex => {
  const index = new MiniSearch<IndexedWords>({ fields: [...fields], processTerm: fold });
  return {
    put: (words) => {
      if (index.has(words.id)) index.replace(words);
      else index.add(words);
    },
    remove: (id) => {
      if (index.has(id)) index.discard(id);
    },
    search: (text) => {
      const find = (fuzzy: boolean) =>
        index.search(text, {
          boost,
          combineWith: "AND",
          prefix: true,
          fuzzy: fuzzy && ((term) => (term.length >= fuzzyLengthMin ? 1 : false)),
        });
      const exact = find(false);
      const found = exact.length > 0 ? exact : find(true);
      return found.map((hit) => ({ id: String(hit.id), score: hit.score }));
    },
  };
};
