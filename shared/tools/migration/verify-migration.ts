import type { CatalogStore } from "../catalog-store.ts";
import { pagesByKey } from "../catalog-store.ts";
import type { Origin } from "../tool.ts";
import { hashCategory, hashEvaluation, hashTool, hashVersion } from "./hashed.ts";
import type { Remark, Verified } from "./migration.ts";
import type { MigratedKind } from "./plan-source.ts";
import type { CatalogSource } from "./source.ts";

const idsPageSize = 1_000;
/** More records than this are no catalog. About 100 MB of ids. */
const idsMax = 1_000_000;

const readIds = async (source: CatalogSource, collection: string): Promise<Set<string>> => {
  const ids = new Set<string>();
  let after = "";
  while (ids.size < idsMax) {
    const page = await source.ids(collection, after, idsPageSize);
    for (const id of page) ids.add(id);
    after = page.at(-1) ?? after;
    if (page.length < idsPageSize) break;
  }
  return ids;
};

interface Found {
  readonly origin: Origin | null;
  /** Of the contents as they are now; undefined for what was edited here and may differ. */
  readonly hash: () => string | undefined;
}

const isAsWritten = ({ revision, origin }: { readonly revision: number; readonly origin: Origin | null }): boolean =>
  origin?.revision === revision;

async function* documentsOf(catalog: CatalogStore, kind: MigratedKind): AsyncGenerator<Found> {
  switch (kind) {
    case "category":
      for (const category of await catalog.allCategories()) {
        yield { origin: category.origin, hash: () => (isAsWritten(category) ? hashCategory(category) : undefined) };
      }
      return;
    case "tool":
      for await (const page of catalog.pages()) {
        for (const tool of page) {
          yield { origin: tool.origin, hash: () => (isAsWritten(tool) ? hashTool(tool) : undefined) };
        }
      }
      return;
    case "tool-version":
      for await (const page of pagesByKey(catalog.versions, kind)) {
        for (const version of page) yield { origin: version.origin, hash: () => hashVersion(version) };
      }
      return;
    case "tool-evaluation":
      for await (const page of pagesByKey(catalog.evaluations, kind)) {
        for (const evaluation of page) yield { origin: evaluation.origin, hash: () => hashEvaluation(evaluation) };
      }
      return;
  }
}

interface Deps {
  readonly catalog: CatalogStore;
  readonly source: CatalogSource;
  readonly sourceName: string;
  readonly note: (recordId: string, remark: Remark) => void;
}

/**
 * Compares what the source has with what is here, record by record: every one is here with the contents that were written,
 * or has a finding that says why not.
 */
export const verifyKind = async (
  { catalog, source, sourceName, note }: Deps,
  kind: MigratedKind,
  collection: string,
  unmapped: number,
): Promise<Verified> => {
  const ids = await readIds(source, collection);
  const seen = new Set<string>();
  let gone = 0;
  let different = 0;
  for await (const { origin, hash } of documentsOf(catalog, kind)) {
    if (origin?.source !== sourceName || seen.has(origin.recordId)) continue;
    if (!ids.has(origin.recordId)) {
      gone += 1;
      note(origin.recordId, { code: "gone-at-source", detail: "the record is gone from the source; it is still here" });
      continue;
    }
    seen.add(origin.recordId);
    const now = hash();
    if (now === undefined || now === origin.hash) continue;
    different += 1;
    note(origin.recordId, { code: "content-differs", detail: "its contents here are not what was written" });
  }
  const isComplete = ids.size - seen.size === unmapped && different === 0;
  return { source: ids.size, target: seen.size, gone, different, isComplete };
};
