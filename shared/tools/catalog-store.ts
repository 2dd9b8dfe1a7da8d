import { z } from "zod";
import { catalogContainer } from "../documents/catalog-container.ts";
import type { DocumentContainer, DocumentStore, Stored } from "../documents/document-store.ts";
import { Category, categoriesMax } from "./category.ts";
import { Evaluation, Tool, ToolVersion } from "./tool.ts";

/** Says whose a slug is: kind `tool-slug`, the id is the slug, `key` the tool's id. */
export const SlugClaim = z.object({
  id: z.string(),
  kind: z.literal("tool-slug"),
  key: z.string(),
  updatedAt: z.string(),
});
export type SlugClaim = z.infer<typeof SlugClaim>;

/** The containers of the catalog, one for each kind of document, and the reads that several services need. */
export interface CatalogStore {
  readonly tools: DocumentContainer<Tool>;
  readonly slugs: DocumentContainer<SlugClaim>;
  readonly categories: DocumentContainer<Category>;
  readonly versions: DocumentContainer<ToolVersion>;
  readonly evaluations: DocumentContainer<Evaluation>;
  readTool(id: string): Promise<Stored<Tool> | undefined>;
  findBySlug(slug: string): Promise<Stored<Tool> | undefined>;
  /** 1,000 at most, which is also how many there can be. */
  allCategories(): Promise<readonly Category[]>;
  /** In no particular order; 500 at most of each. */
  versionsOf(toolId: string): Promise<readonly ToolVersion[]>;
  evaluationsOf(toolId: string): Promise<readonly Evaluation[]>;
  /** Every tool, a page at a time, in the order of their last change; those changed meanwhile come again. */
  pages(after?: string): AsyncGenerator<readonly Tool[]>;
}

const pageSize = 500;
/** All keys of one tool begin with its id and this; `~` comes after every letter that ids are made of. */
const separator = "~";
const beyond = "\u007f";

export const keyOf = (toolId: string, ...parts: readonly string[]): string => [toolId, ...parts].join(separator);

const ofTool = async <T extends { readonly id: string }>(
  container: DocumentContainer<T>,
  partition: string,
  toolId: string,
): Promise<readonly T[]> => {
  const range = { key: { greaterThan: `${toolId}${separator}`, lessThan: `${toolId}${beyond}` } };
  const orderBy = { member: "key", direction: "descending" as const };
  return (await container.query({ partition, range, orderBy, limit: pageSize })).map(({ value }) => value);
};

const open = <T extends { readonly id: string }>(store: DocumentStore, schema: z.ZodType<T>) =>
  store.container(catalogContainer, (raw) => schema.parse(raw));

/** Pages of one kind in ascending order of the unique member `key`. */
export async function* pagesByKey<T extends { readonly id: string; readonly key: string }>(
  container: DocumentContainer<T>,
  partition: string,
  after = "",
): AsyncGenerator<readonly T[]> {
  const orderBy = { member: "key", direction: "ascending" as const };
  for (let last = after; ;) {
    const found = await container.query({ partition, range: { key: { greaterThan: last } }, orderBy, limit: pageSize });
    const page = found.map(({ value }) => value);
    if (page.length > 0) yield page;
    if (page.length < pageSize) return;
    last = page.at(-1)?.key ?? last;
  }
}

export const openCatalogStore = (store: DocumentStore): CatalogStore => {
  const tools = open(store, Tool);
  const slugs = open(store, SlugClaim);
  const categories = open(store, Category);
  const versions = open(store, ToolVersion);
  const evaluations = open(store, Evaluation);
  const readTool = (id: string) => tools.read("tool", id);
  return {
    tools,
    slugs,
    categories,
    versions,
    evaluations,
    readTool,
    findBySlug: async (slug) => {
      const claim = await slugs.read("tool-slug", slug);
      const found = claim === undefined ? undefined : await readTool(claim.value.key);
      // A claim whose tool never came to be, or has moved on, is nobody's.
      return found?.value.slug === slug ? found : undefined;
    },
    allCategories: async () => {
      const all: Category[] = [];
      for await (const page of pagesByKey(categories, "category")) {
        all.push(...page);
        if (all.length >= categoriesMax) break;
      }
      return all;
    },
    versionsOf: (toolId) => ofTool(versions, "tool-version", toolId),
    evaluationsOf: (toolId) => ofTool(evaluations, "tool-evaluation", toolId),
    pages: (after) => pagesByKey(tools, "tool", after),
  };
};
