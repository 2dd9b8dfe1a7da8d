import type { CatalogStore } from "./catalog-store.ts";
import { inParallel } from "./in-parallel.ts";
import type { ImportedTool } from "./import-tools.ts";
import { newestFirst } from "./tool.ts";

const atOnceMax = 8;

/** Every tool once, in the form that an import takes. Memory is bounded by a page of 500 and one id for each tool. */
export async function* exportTools(catalog: CatalogStore, parts: "with-parts" | "plain"): AsyncGenerator<ImportedTool> {
  const written = new Set<string>();
  for await (const page of catalog.pages()) {
    const fresh = page.filter(({ id }) => !written.has(id));
    for (const { id } of fresh) written.add(id);
    yield* await inParallel(fresh, atOnceMax, async (tool): Promise<ImportedTool> => {
      const { id, name, slug, description, category, homepage, repository, license, tags, status } = tool;
      const fields = { slug, name, description, category, homepage, repository, license, tags, status };
      if (parts === "plain") return { ...fields, versions: [], evaluations: [] };
      const versions = newestFirst(await catalog.versionsOf(id));
      const evaluations = await catalog.evaluationsOf(id);
      return {
        ...fields,
        versions: versions.map(({ version, releasedAt, notes, url }) => ({ version, releasedAt, notes, url })),
        evaluations: evaluations.map(({ model, date, scores, summary, source }) => ({
          ...{ model, date, scores, summary, source },
        })),
      };
    });
  }
}
