/** The words of one tool that a search looks at. */
export interface IndexedWords {
  readonly id: string;
  readonly name: string;
  readonly slug: string;
  readonly tags: string;
  readonly description: string;
}

/** Full-text index in memory. Putting a tool again replaces its words. */
export interface WordIndex {
  put(words: IndexedWords): void;
  remove(id: string): void;
  /** Ids of the tools that hold every word (or words that begin like it), best first; higher scores are better. */
  search(text: string): readonly { readonly id: string; readonly score: number }[];
}
