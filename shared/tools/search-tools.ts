import { z } from "zod";
import { DomainError } from "../kernel/errors.ts";
import { withDescendants } from "./category.ts";
import type { Facets } from "./facets.ts";
import { facetsOf } from "./facets.ts";
import { Slug } from "./text.ts";
import { ToolStatus } from "./tool.ts";
import type { ToolSummary, WarmCatalog, WarmCatalogs } from "./warm-catalog.ts";

const ToolSort = z.enum(["relevance", "name", "updated"]);
type ToolSort = z.infer<typeof ToolSort>;

const limitMax = 100;
/** The query string of every list of tools. A category stands for all below it as well. */
export const ToolQuery = z.strictObject({
  q: z.string().trim().max(200).default(""),
  category: Slug.or(z.literal("none")).optional(),
  tag: Slug.optional(),
  license: z.string().max(60).optional(),
  status: ToolStatus.optional(),
  sort: ToolSort.optional(),
  after: z.string().max(1_000).optional(),
  limit: z.coerce.number().int().min(1).max(limitMax).default(25),
});
export type ToolQuery = z.infer<typeof ToolQuery>;

export interface ToolPage {
  readonly tools: readonly ToolSummary[];
  /** How many there are in all, on every page. */
  readonly total: number;
  readonly facets: Facets;
  /** To be sent as `after` for the next page; null on the last one. */
  readonly next: string | null;
  readonly isTruncated: boolean;
}

export type SearchTools = (query: ToolQuery) => Promise<ToolPage>;

/** Where a tool stands in an order: the value ordered by, then the id, which no two share. */
interface Place {
  readonly value: string | number;
  readonly id: string;
}
type Placed = Place & { readonly tool: ToolSummary };

const Cursor = z.tuple([ToolSort, z.string().or(z.number()), z.string()]);

const writeCursor = (sort: ToolSort, { value, id }: Place): string =>
  Buffer.from(JSON.stringify([sort, value, id])).toString("base64url");

const readCursor = (sort: ToolSort, cursor: string): Place => {
  try {
    const [of, value, id] = Cursor.parse(JSON.parse(Buffer.from(cursor, "base64url").toString("utf8")));
    if (of === sort) return { value, id };
  } catch (cause) {
    throw new DomainError("invalid-input", "after is not what an earlier page gave as next.", { cause });
  }
  throw new DomainError("invalid-input", "after belongs to another order of the list.");
};

const isAscending = (sort: ToolSort): boolean => sort === "name";

const compare = (one: Place, other: Place, sort: ToolSort): number => {
  const sign = isAscending(sort) ? 1 : -1;
  if (one.value !== other.value) return one.value < other.value ? -sign : sign;
  if (one.id === other.id) return 0;
  return one.id < other.id ? -1 : 1;
};

/** Names in the order of their letters, without regard to case and marks. */
const nameKey = (name: string): string =>
  name
    .normalize("NFKD")
    .replace(/\p{M}+/gu, "")
    .toLowerCase();

const placeBy = (sort: ToolSort, tool: ToolSummary, score: number): Placed => {
  const value = { name: nameKey(tool.name), updated: tool.updatedAt, relevance: score }[sort];
  return { value, id: tool.id, tool };
};

/** Whole orders are kept until something changes: making one of 20,000 tools takes longer than all the rest. */
const makeOrders = () => {
  let generation = -1;
  const orders = new Map<ToolSort, readonly Placed[]>();
  return (warm: WarmCatalog, sort: ToolSort): readonly Placed[] => {
    if (generation !== warm.generation) orders.clear();
    generation = warm.generation;
    const known = orders.get(sort);
    if (known !== undefined) return known;
    const made = Array.from(warm.entries.values(), (tool) => placeBy(sort, tool, 0));
    made.sort((one, other) => compare(one, other, sort));
    orders.set(sort, made);
    return made;
  };
};

const found = (warm: WarmCatalog, q: string, sort: ToolSort): readonly Placed[] => {
  const hits = warm.words.search(q).flatMap(({ id, score }) => {
    const tool = warm.entries.get(id);
    return tool === undefined ? [] : [placeBy(sort, tool, score)];
  });
  return hits.sort((one, other) => compare(one, other, sort));
};

const filterOf = (warm: WarmCatalog, { category, tag, license, status }: ToolQuery) => {
  const within = category === undefined ? undefined : withDescendants(warm.categories, category);
  return ({ tool }: Placed): boolean =>
    (status === undefined || tool.status === status) &&
    (within === undefined || (category === "none" ? tool.category === null : within.has(tool.category ?? ""))) &&
    (tag === undefined || tool.tags.includes(tag)) &&
    (license === undefined || tool.license === license);
};

/**
 * Searches and lists tools, a page at a time. A page begins beyond the place of the last tool seen, so tools that come and
 * go meanwhile neither repeat nor hide others. @throws DomainError `invalid-input`
 */
export const makeSearchTools = ({ warm }: { readonly warm: WarmCatalogs }): SearchTools => {
  const orderOf = makeOrders();
  return async (query) => {
    const catalog = await warm.get();
    const hasWords = query.q !== "";
    const sort = query.sort ?? (hasWords ? "relevance" : "name");
    if (sort === "relevance" && !hasWords) throw new DomainError("invalid-input", "sort=relevance needs words in q.");
    const last = query.after === undefined ? undefined : readCursor(sort, query.after);
    const all = hasWords ? found(catalog, query.q, sort) : orderOf(catalog, sort);
    const matching = all.filter(filterOf(catalog, query));
    const begin = last === undefined ? 0 : matching.findIndex((place) => compare(place, last, sort) > 0);
    const page = begin === -1 ? [] : matching.slice(begin, begin + query.limit);
    const end = page.at(-1);
    const hasMore = begin !== -1 && begin + page.length < matching.length;
    return {
      tools: page.map(({ tool }) => tool),
      total: matching.length,
      facets: facetsOf(matching.map(({ tool }) => tool)),
      next: hasMore && end !== undefined ? writeCursor(sort, end) : null,
      isTruncated: catalog.isTruncated,
    };
  };
};
