import type { Clock } from "../../kernel/clock.ts";
import { DomainError } from "../../kernel/errors.ts";
import type { CatalogStore } from "../catalog-store.ts";
import type { Counts, Migration, Phase } from "./migration.ts";
import { nextPhase, noCounts } from "./migration.ts";
import type { MigrationStore } from "./migration-store.ts";
import type { CollectionPlan, MigratedKind } from "./plan-source.ts";
import { migratedKinds, planSource } from "./plan-source.ts";
import type { Notes, Progress } from "./progress.ts";
import { makeNotes, openProgress } from "./progress.ts";
import { putCategories, readCategories } from "./put-categories.ts";
import { makePutEvaluation, makePutVersion } from "./put-part.ts";
import type { Outcome, PutDeps, PutPage } from "./put-tool.ts";
import { makePutTool } from "./put-tool.ts";
import type { References } from "./references.ts";
import { makeReferences } from "./references.ts";
import type { CatalogSource, SourceRecord } from "./source.ts";
import { verifyKind } from "./verify-migration.ts";

export interface RunDeps {
  readonly catalog: CatalogStore;
  readonly migrations: MigrationStore;
  readonly clock: Clock;
}

/** One migration as this worker carries it on. */
interface Run extends RunDeps {
  readonly source: CatalogSource;
  readonly progress: Progress;
  readonly references: References;
  readonly isOver: () => boolean;
}

const pageSize = 1_000;

const audit = async ({ source, progress }: Run): Promise<void> => {
  const plan = planSource(await source.collections());
  if (plan.kinds.tool === undefined) {
    throw new DomainError("invalid-input", "The source has no collection of tools.");
  }
  const kinds = { ...plan.kinds };
  for (const kind of migratedKinds) {
    const found = kinds[kind];
    if (found !== undefined) kinds[kind] = { ...found, count: await source.count(found.collection) };
  }
  await progress.save({ plan: { ...plan, kinds }, phase: nextPhase("audit") });
};

const putDeps = ({ catalog, clock, progress }: Run, plan: CollectionPlan, { note }: Notes): PutDeps => {
  const { source, isDryRun } = progress.current();
  return { catalog, clock, source, isDryRun, plan, note };
};

const withCounts = (
  { counts }: Migration,
  kind: MigratedKind,
  outcomes: readonly Outcome[],
): Pick<Migration, "counts"> => {
  const before: Counts = counts[kind] ?? noCounts;
  const next = { ...before, read: before.read + outcomes.length };
  for (const outcome of outcomes) next[outcome] += 1;
  return { counts: { ...counts, [kind]: next } };
};

const migrateCategories = async (run: Run): Promise<void> => {
  const { progress, source } = run;
  const plan = progress.current().plan?.kinds.category;
  const phase = nextPhase("category");
  if (plan === undefined) return progress.save({ phase });
  const notes = makeNotes(progress.current().id, "category");
  const outcomes = await putCategories(putDeps(run, plan, notes), await readCategories(source, plan.collection));
  return progress.save({ ...withCounts(progress.current(), "category", outcomes), phase }, notes);
};

type PagedKind = Exclude<MigratedKind, "category">;

const makePut = async ({ references }: Run, kind: PagedKind, deps: PutDeps): Promise<PutPage> => {
  switch (kind) {
    case "tool":
      return makePutTool(deps, await references.categoryOf());
    case "tool-version":
      return makePutVersion(deps, references.hasTool);
    case "tool-evaluation":
      return makePutEvaluation(deps, references.hasTool);
  }
};

/** Page after page until the kind is through, or it is over. The next page is asked for while one is being written. */
const migrateRecords = async (run: Run, kind: PagedKind): Promise<void> => {
  const { progress, source } = run;
  const plan = progress.current().plan?.kinds[kind];
  if (plan === undefined) return progress.save({ phase: nextPhase(kind) });
  const ask = (after: string): Promise<readonly SourceRecord[]> => {
    const asked = source.page(plan.collection, after, pageSize);
    // Whoever awaits it learns of a failure; until then nobody else must.
    asked.catch(() => undefined);
    return asked;
  };
  for (let coming = ask(progress.current().after); ;) {
    const page = await coming;
    const isLast = page.length < pageSize;
    const after = page.at(-1)?.id ?? "";
    if (!isLast) coming = ask(after);
    const notes = makeNotes(progress.current().id, kind);
    const put = await makePut(run, kind, putDeps(run, plan, notes));
    const outcomes = await put(page);
    const further = isLast ? { phase: nextPhase(kind), after: "" } : { after };
    await progress.save({ ...withCounts(progress.current(), kind, outcomes), ...further }, notes);
    if (isLast || run.isOver()) return undefined;
  }
};

const verify = async ({ catalog, source, progress }: Run): Promise<void> => {
  const { id, plan, counts, source: sourceName, verified, isDryRun } = progress.current();
  const open = migratedKinds.find((kind) => plan?.kinds[kind] !== undefined && verified[kind] === undefined);
  const collection = open === undefined ? undefined : plan?.kinds[open]?.collection;
  if (isDryRun || open === undefined || collection === undefined) return progress.save({ phase: "done" });
  const notes = makeNotes(id, open);
  const deps = { catalog, source, sourceName, note: notes.note };
  const result = await verifyKind(deps, open, collection, counts[open]?.unmapped ?? 0);
  return progress.save({ verified: { ...verified, [open]: result } }, notes);
};

const work: Record<Exclude<Phase, "done">, (run: Run) => Promise<void>> = {
  audit,
  category: migrateCategories,
  tool: (run) => migrateRecords(run, "tool"),
  "tool-version": (run) => migrateRecords(run, "tool-version"),
  "tool-evaluation": (run) => migrateRecords(run, "tool-evaluation"),
  verify,
};

/** Undefined: there is no such migration. */
export type RunMigration = (
  id: string,
  source: CatalogSource,
  isOver: (migration: Migration) => boolean,
) => Promise<Migration | undefined>;

/**
 * Carries a migration on from where it is kept, until it is done or `isOver`. After a kill at any moment it goes on with the
 * page that was not finished; a page that is done twice changes nothing.
 * @throws DomainError `unavailable`, `forbidden`, `invalid-input` (source); DocumentChanged when another worker is at it
 */
export const makeRunMigration =
  (deps: RunDeps): RunMigration =>
  async (id, source, isOver) => {
    const progress = await openProgress(deps, id);
    if (progress === undefined) return undefined;
    const references = makeReferences(deps.catalog, source, progress);
    for (;;) {
      const migration = progress.current();
      if (migration.phase === "done" || isOver(migration)) return migration;
      await work[migration.phase]({ ...deps, source, progress, references, isOver: () => isOver(progress.current()) });
    }
  };
