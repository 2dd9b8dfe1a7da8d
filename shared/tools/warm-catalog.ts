import type { Clock } from "../kernel/clock.ts";
import type { CatalogStore } from "./catalog-store.ts";
import type { Category } from "./category.ts";
import type { WordIndex } from "./ports.ts";
import type { Tool } from "./tool.ts";

/** What lists show of a tool; the description is cut. */
export interface ToolSummary {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
  readonly summary: string;
  readonly category: string | null;
  readonly license: string | null;
  readonly tags: readonly string[];
  readonly status: Tool["status"];
  readonly revision: number;
  readonly updatedAt: string;
  readonly publishedAt: string | null;
}

/** The catalog as one worker holds it. `generation` grows with every change that was seen. */
export interface WarmCatalog {
  readonly entries: ReadonlyMap<string, ToolSummary>;
  readonly words: WordIndex;
  readonly categories: readonly Category[];
  readonly generation: number;
  /** There are more tools than a worker keeps: lists and searches do not show all of them. */
  readonly isTruncated: boolean;
}

export interface WarmCatalogs {
  /** The catalog of at most a second ago. */
  get(): Promise<WarmCatalog>;
  /** To be called after a write of this worker's own, which is then seen at once. */
  changed(): void;
}

interface Deps {
  readonly catalog: CatalogStore;
  readonly clock: Clock;
  readonly newWordIndex: () => WordIndex;
  /** Default 50,000: about 100 MB. */
  readonly toolsMax?: number;
}

const freshMilliseconds = 1_000;
/** A write is stamped before it is stored, and clocks of workers differ: what came shortly before is looked at again. */
const overlapMilliseconds = 5_000;
const summaryMax = 280;
const wordsMax = 1_000;

const summaryOf = (tool: Tool): ToolSummary => {
  const { id, slug, name, category, license, tags, status, revision, updatedAt, publishedAt, description } = tool;
  const summary = description.length > summaryMax ? `${description.slice(0, summaryMax).toWellFormed()}…` : description;
  return { id, slug, name, summary, category, license, tags, status, revision, updatedAt, publishedAt };
};

/** The keys of tools begin with the instant of their last change. */
const keyBefore = (newest: string): string => {
  const at = Date.parse(newest.slice(0, newest.indexOf("~")));
  return Number.isNaN(at) ? "" : new Date(at - overlapMilliseconds).toISOString();
};

/**
 * Keeps the whole catalog in the memory of a worker: read once, then only what changed since the newest change it has seen.
 * Nobody has to tell it; a write of another worker is seen within a second of the next look.
 */
export const makeWarmCatalogs = ({ catalog, clock, newWordIndex, toolsMax = 50_000 }: Deps): WarmCatalogs => {
  const entries = new Map<string, ToolSummary>();
  const words = newWordIndex();
  let state: WarmCatalog = { entries, words, categories: [], generation: 0, isTruncated: false };
  let newest = "";
  let lookedAt = Number.NEGATIVE_INFINITY;
  let looking: Promise<void> | undefined;

  /** Whether this is news. */
  const take = (tool: Tool): boolean => {
    const known = entries.get(tool.id);
    if (known !== undefined && known.revision >= tool.revision) return false;
    if (known === undefined && entries.size >= toolsMax) return false;
    entries.set(tool.id, summaryOf(tool));
    const { id, name, slug, tags, description } = tool;
    words.put({ id, name, slug, tags: tags.join(" "), description: description.slice(0, wordsMax).toWellFormed() });
    return true;
  };
  const look = async (): Promise<void> => {
    const now = clock().getTime();
    let news = 0;
    let seen = 0;
    for await (const page of catalog.pages(newest === "" ? "" : keyBefore(newest))) {
      news += page.filter(take).length;
      seen += page.length;
      newest = page.at(-1)?.key ?? newest;
      if (seen > 2 * toolsMax) break;
    }
    const categories = await catalog.allCategories();
    const isChanged = news > 0 || JSON.stringify(categories) !== JSON.stringify(state.categories);
    const isTruncated = entries.size >= toolsMax;
    state = { entries, words, categories, generation: state.generation + (isChanged ? 1 : 0), isTruncated };
    lookedAt = now;
  };
  return {
    get: async () => {
      if (clock().getTime() - lookedAt >= freshMilliseconds) {
        looking ??= look().finally(() => {
          looking = undefined;
        });
        await looking;
      }
      return state;
    },
    changed: () => {
      lookedAt = Number.NEGATIVE_INFINITY;
    },
  };
};
