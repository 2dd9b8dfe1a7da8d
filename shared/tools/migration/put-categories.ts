import type { Category } from "../category.ts";
import { categoriesMax, depthMax } from "../category.ts";
import { hashCategory } from "./hashed.ts";
import { mapCategory } from "./map-record.ts";
import type { Outcome, PutDeps } from "./put-tool.ts";
import { slugWithId } from "./read-field.ts";
import type { CatalogSource, SourceRecord } from "./source.ts";

const pageSize = 500;

/** All categories of the source; 1,000 at most, which is how many the catalog takes. */
export const readCategories = async (source: CatalogSource, collection: string): Promise<readonly SourceRecord[]> => {
  const all: SourceRecord[] = [];
  while (all.length < categoriesMax) {
    const page = await source.page(collection, all.at(-1)?.id ?? "", pageSize);
    all.push(...page);
    if (page.length < pageSize) break;
  }
  return all;
};

interface WantedCategory {
  readonly recordId: string;
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly parentRecordId: string | undefined;
}

type Deps = Omit<PutDeps, "isDryRun">;

/**
 * Gives every record its category: the one it became before, one of the same id that was entered here, or a new one. The
 * answer is the same whenever it is asked for.
 */
export const assignCategories = (
  records: readonly SourceRecord[],
  present: readonly Category[],
  { source, plan, note }: Pick<Deps, "source" | "plan" | "note">,
): ReadonlyMap<string, WantedCategory> => {
  const migrated = new Map(
    present.flatMap(({ id, origin }) => (origin?.source === source ? [[origin.recordId, id] as const] : [])),
  );
  const taken = new Set(migrated.values());
  const wanted = new Map<string, WantedCategory>();
  for (const record of records) {
    const { contents, remarks } = mapCategory(record, plan);
    for (const remark of remarks) note(record.id, remark);
    if (contents === undefined) continue;
    const known = migrated.get(record.id);
    const id = known ?? (taken.has(contents.id) ? slugWithId(contents.id, record.id) : contents.id);
    if (known === undefined && id !== contents.id) {
      note(record.id, { code: "slug-changed", detail: `the id ${contents.id} is another category's; it is ${id}` });
    }
    taken.add(id);
    wanted.set(record.id, { ...contents, id, recordId: record.id });
  }
  return wanted;
};

/** The parent's id, or null when it is missing, or would make a circle or too deep a tree. */
const parentOf = (
  category: WantedCategory,
  wanted: ReadonlyMap<string, WantedCategory>,
  note: Deps["note"],
): string | null => {
  const { parentRecordId, recordId } = category;
  if (parentRecordId === undefined) return null;
  const above = new Set([recordId]);
  let at = wanted.get(parentRecordId);
  const parent = at?.id ?? null;
  while (at !== undefined && !above.has(at.recordId) && above.size < depthMax) {
    above.add(at.recordId);
    at = at.parentRecordId === undefined ? undefined : wanted.get(at.parentRecordId);
  }
  if (parent !== null && at === undefined) return parent;
  const why = parent === null ? "is not there" : "makes a circle or too deep a tree";
  note(recordId, {
    code: "parent-dropped",
    detail: `its parent ${parentRecordId.slice(0, 100)} ${why}; it stands at the top`,
  });
  return null;
};

/** Brings all categories into the catalog. Safe to repeat. */
export const putCategories = async (deps: PutDeps, records: readonly SourceRecord[]): Promise<readonly Outcome[]> => {
  const { catalog, clock, source, isDryRun, note } = deps;
  const wanted = assignCategories(records, await catalog.allCategories(), deps);
  const put = async (category: WantedCategory): Promise<Outcome> => {
    const { id, name, description, recordId } = category;
    const contents = { name, description, parent: parentOf(category, wanted, note) };
    const hash = hashCategory(contents);
    const found = await catalog.categories.read("category", id);
    const updatedAt = clock().toISOString();
    if (found === undefined) {
      const origin = { source, recordId, hash, revision: 1 };
      if (isDryRun) note(recordId, { code: "would-create", detail: id });
      else
        await catalog.categories.create({ id, kind: "category", key: id, ...contents, revision: 1, updatedAt, origin });
      return "created";
    }
    const { value, etag } = found;
    if (value.origin?.hash === hash) return "unchanged";
    if (value.origin?.revision !== value.revision) {
      note(recordId, { code: "edited-here", detail: `the category ${id} was entered or edited here: not changed` });
      // Remembered as this record's, so that the next run and the verification know it.
      const origin = value.origin ?? { source, recordId, hash: "", revision: 0 };
      if (value.origin === null && !isDryRun) await catalog.categories.replace({ ...value, origin }, etag);
      return "kept";
    }
    if (isDryRun) note(recordId, { code: "would-update", detail: id });
    else {
      const revision = value.revision + 1;
      const origin = { source, recordId, hash, revision };
      await catalog.categories.replace({ ...value, ...contents, revision, updatedAt, origin }, etag);
    }
    return "updated";
  };
  const outcomes: Outcome[] = [];
  for (const record of records) {
    const category = wanted.get(record.id);
    outcomes.push(category === undefined ? "unmapped" : await put(category));
  }
  return outcomes;
};
