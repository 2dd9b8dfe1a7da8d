import { z } from "zod";
import { DomainError } from "../kernel/errors.ts";
import type { CatalogStore } from "./catalog-store.ts";
import type { Category } from "./category.ts";
import { CategoryFields } from "./category.ts";
import type { EditCategory } from "./edit-category.ts";
import type { EditToolParts } from "./edit-tool-parts.ts";
import type { EditTool } from "./edit-tool.ts";
import { inParallel } from "./in-parallel.ts";
import type { Tool } from "./tool.ts";
import { EvaluationFields, ToolFields, ToolStatus, ToolVersionFields } from "./tool.ts";

const rowsMax = 5_000;
const findingsMax = 1_000;
const atOnceMax = 8;

/** One tool of an import, as it came. `row` is where it stands for people: the line of a CSV file, or 1 and up. */
export interface ImportRow {
  readonly row: number;
  readonly value: unknown;
}

export interface ImportFinding {
  readonly row: number;
  /** The column or member, when the finding is about one. */
  readonly column: string | null;
  readonly message: string;
}

export interface ImportReport {
  readonly isDryRun: boolean;
  readonly created: number;
  readonly updated: number;
  readonly unchanged: number;
  /** Rows of which nothing was taken; every one has a finding. */
  readonly refused: number;
  /** 1,000 at most. */
  readonly findings: readonly ImportFinding[];
}

export interface ImportCommand {
  readonly categories: readonly ImportRow[];
  readonly tools: readonly ImportRow[];
  readonly isDryRun: boolean;
}

export type ImportTools = (command: ImportCommand) => Promise<ImportReport>;

interface Deps {
  readonly catalog: CatalogStore;
  readonly editTool: EditTool;
  readonly editToolParts: EditToolParts;
  readonly editCategory: EditCategory;
}

export const ImportedTool = ToolFields.extend({
  status: ToolStatus.default("draft"),
  versions: z.array(ToolVersionFields).max(500).default([]),
  evaluations: z.array(EvaluationFields).max(500).default([]),
});
export type ImportedTool = z.infer<typeof ImportedTool>;

type Outcome = "created" | "updated" | "unchanged" | "refused";
type Findings = ImportFinding[];
interface Parsed<T> {
  readonly row: number;
  readonly value: T;
}

const note = (findings: Findings, row: number, column: string | null, message: string): void => {
  if (findings.length < findingsMax) findings.push({ row, column, message });
};

/** Keeps the good rows; of rows that say the same id twice the first one counts. */
const parseRows = <T>(
  rows: readonly ImportRow[],
  schema: z.ZodType<T>,
  idOf: (value: T) => readonly [column: string, id: string],
  findings: Findings,
): readonly Parsed<T>[] => {
  const firstRows = new Map<string, number>();
  return rows.flatMap(({ row, value }) => {
    const parsed = schema.safeParse(value);
    if (!parsed.success) {
      for (const { path, message } of parsed.error.issues)
        note(findings, row, path.map(String).join(".") || null, message);
      return [];
    }
    const [column, id] = idOf(parsed.data);
    const first = firstRows.get(id);
    if (first !== undefined) {
      note(findings, row, column, `${id} stands in row ${first} already.`);
      return [];
    }
    firstRows.set(id, row);
    return [{ row, value: parsed.data }];
  });
};

const toolMembers = ["name", "description", "category", "homepage", "repository", "license", "tags"] as const;

const isSame = (one: Tool, other: ImportedTool): boolean =>
  toolMembers.every((member) => JSON.stringify(one[member]) === JSON.stringify(other[member]));

const fieldsOf = ({ status: _, versions: __, evaluations: ___, ...fields }: ImportedTool): ToolFields => fields;

const makeMergeParts = ({ catalog, editToolParts }: Deps, isDryRun: boolean) => {
  /** Adds what the tool does not have yet. True: there was something. */
  return async (toolId: string, { versions, evaluations }: ImportedTool): Promise<boolean> => {
    if (versions.length + evaluations.length === 0) return false;
    const known = new Set((await catalog.versionsOf(toolId)).map(({ version }) => version));
    const said = new Set(
      (await catalog.evaluationsOf(toolId)).map(({ model, date, source }) => `${model} ${date} ${source}`),
    );
    const newVersions = versions.filter(({ version }) => !known.has(version));
    const newEvaluations = evaluations.filter(({ model, date, source }) => !said.has(`${model} ${date} ${source}`));
    if (!isDryRun) {
      for (const version of newVersions) await editToolParts.addVersion(toolId, version);
      for (const evaluation of newEvaluations) await editToolParts.addEvaluation(toolId, evaluation);
    }
    return newVersions.length + newEvaluations.length > 0;
  };
};

const makePutTool = (deps: Deps, isDryRun: boolean) => {
  const { catalog, editTool } = deps;
  const mergeParts = makeMergeParts(deps, isDryRun);
  const create = async (value: ImportedTool): Promise<Outcome> => {
    if (isDryRun) return "created";
    const { id, revision } = await editTool.create(fieldsOf(value));
    await mergeParts(id, value);
    if (value.status === "published") await editTool.setStatus(id, revision, "published");
    return "created";
  };
  return async (value: ImportedTool): Promise<Outcome> => {
    const existing = (await catalog.findBySlug(value.slug))?.value;
    if (existing === undefined) return create(value);
    const hasParts = await mergeParts(existing.id, value);
    if (isSame(existing, value) && existing.status === value.status) return hasParts ? "updated" : "unchanged";
    if (isDryRun) return "updated";
    const current = isSame(existing, value)
      ? existing
      : await editTool.update(existing.id, existing.revision, fieldsOf(value));
    await editTool.setStatus(existing.id, current.revision, value.status);
    return "updated";
  };
};

const putCategory = async ({ editCategory }: Deps, value: CategoryFields, known: Category | undefined) => {
  if (known === undefined) return editCategory.create(value);
  const { name, description, parent } = value;
  const isSameCategory = known.name === name && known.description === description && known.parent === parent;
  return isSameCategory ? known : editCategory.update(value.id, known.revision, { name, description, parent });
};

/**
 * Takes categories and tools, tools by their slug: a tool that is there is brought to what the row says, and running the
 * same import again changes nothing. Rows stand alone: a bad one is refused with its findings and the others are taken. A
 * dry run finds the same and writes nothing.
 */
export const makeImportTools =
  (deps: Deps): ImportTools =>
  async ({ categories, tools, isDryRun }) => {
    if (tools.length + categories.length > rowsMax) {
      throw new DomainError("too-large", `An import has at most ${rowsMax} rows. Send it in parts.`);
    }
    const findings: Findings = [];
    const counts = { created: 0, updated: 0, unchanged: 0, refused: 0 };
    const known = new Map((await deps.catalog.allCategories()).map((category) => [category.id, category]));
    const wanted = parseRows(categories, CategoryFields, ({ id }) => ["id", id], findings);
    const ids = new Set(known.keys());
    for (const { row, value } of wanted) {
      try {
        if (!isDryRun) await putCategory(deps, value, known.get(value.id));
        ids.add(value.id);
      } catch (error) {
        if (!(error instanceof DomainError)) throw error;
        note(findings, row, "category", error.message);
      }
    }
    const putTool = makePutTool(deps, isDryRun);
    const put = async ({ row, value }: Parsed<ImportedTool>): Promise<Outcome> => {
      if (value.category !== null && !ids.has(value.category)) {
        note(findings, row, "category", `There is no category ${value.category}.`);
        return "refused";
      }
      try {
        return await putTool(value);
      } catch (error) {
        if (!(error instanceof DomainError)) throw error;
        note(findings, row, error.code === "slug-taken" ? "slug" : null, error.message);
        return "refused";
      }
    };
    const good = parseRows(tools, ImportedTool, ({ slug }) => ["slug", slug], findings);
    for (const outcome of await inParallel(good, atOnceMax, put)) counts[outcome] += 1;
    const refused = counts.refused + tools.length - good.length;
    return { ...counts, refused, isDryRun, findings: findings.sort((one, other) => one.row - other.row) };
  };
