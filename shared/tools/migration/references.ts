import type { CatalogStore } from "../catalog-store.ts";
import { stableId } from "./map-record.ts";
import type { Progress } from "./progress.ts";
import { assignCategories, readCategories } from "./put-categories.ts";
import type { HasTool } from "./put-part.ts";
import type { CatalogSource } from "./source.ts";

const knownToolsMax = 100_000;
const idsPageSize = 1_000;

/** What records point at. */
export interface References {
  /** Id of the category that a record has become. */
  categoryOf(): Promise<(recordId: string) => string | undefined>;
  readonly hasTool: HasTool;
}

/** Looks references up once and remembers them as long as this worker is at it. */
export const makeReferences = (catalog: CatalogStore, source: CatalogSource, progress: Progress): References => {
  let categories: ReturnType<typeof assignCategories> | undefined;
  let sourceTools: Promise<ReadonlySet<string>> | undefined;
  const tools = new Map<string, boolean>();

  const readSourceTools = async (): Promise<ReadonlySet<string>> => {
    const collection = progress.current().plan?.kinds.tool?.collection;
    const ids = new Set<string>();
    for (let after = ""; collection !== undefined;) {
      const page = await source.ids(collection, after, idsPageSize);
      for (const id of page) ids.add(id);
      if (page.length < idsPageSize) break;
      after = page.at(-1) ?? after;
    }
    return ids;
  };
  return {
    categoryOf: async () => {
      const { plan, source: name } = progress.current();
      const collection = plan?.kinds.category;
      if (collection === undefined) return () => undefined;
      categories ??= assignCategories(
        await readCategories(source, collection.collection),
        await catalog.allCategories(),
        // What is to be said about categories was said when they were migrated.
        { source: name, plan: collection, note: () => undefined },
      );
      const found = categories;
      return (recordId) => found.get(recordId)?.id;
    },
    hasTool: async (recordId) => {
      const { isDryRun, source: name } = progress.current();
      if (isDryRun) return (await (sourceTools ??= readSourceTools())).has(recordId);
      const known = tools.get(recordId);
      if (known !== undefined) return known;
      const isThere = (await catalog.readTool(stableId(name, "tool", recordId))) !== undefined;
      if (tools.size < knownToolsMax) tools.set(recordId, isThere);
      return isThere;
    },
  };
};
