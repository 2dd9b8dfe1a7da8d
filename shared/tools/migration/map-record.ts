import { createHash } from "node:crypto";
import type { CategoryFields } from "../category.ts";
import { slugOf } from "../text.ts";
import type { EvaluationFields, ToolFields, ToolStatus, ToolVersionFields } from "../tool.ts";
import { coerceVersion } from "../tool.ts";
import type { Remark } from "./migration.ts";
import type { CollectionPlan, MigratedKind } from "./plan-source.ts";
import type { FieldReader } from "./read-field.ts";
import { readFields, slugFrom } from "./read-field.ts";
import type { SourceRecord } from "./source.ts";

/** What became of a record: its contents here, or nothing, and what is to be said about it. */
export interface Mapped<T> {
  readonly contents: T | undefined;
  readonly remarks: readonly Remark[];
}

export type ToolContents = ToolFields & { readonly status: ToolStatus };
export interface VersionContents extends ToolVersionFields {
  /** Record id of its tool in the source. */
  readonly toolRecordId: string;
}
export interface EvaluationContents extends EvaluationFields {
  readonly toolRecordId: string;
}

const tagsMax = 20;
const hashBytes = 16;
const idBytes = 16;

const nothing = (reader: FieldReader, remark: Remark): Mapped<never> => ({
  contents: undefined,
  remarks: [...reader.remarks, remark],
});

/** Of contents as they are stored; their members are always written in the same order. */
export const hashOf = (contents: object): string =>
  createHash("sha256").update(JSON.stringify(contents)).digest().subarray(0, hashBytes).toString("base64url");

/** The id of a migrated document: the same for the same record in every run, and for nothing else. */
export const stableId = (source: string, kind: MigratedKind, recordId: string): string =>
  createHash("sha256").update(`${source}/${kind}/${recordId}`).digest().subarray(0, idBytes).toString("hex");

export const mapCategory = (
  record: SourceRecord,
  plan: CollectionPlan,
): Mapped<Omit<CategoryFields, "parent"> & { readonly parentRecordId: string | undefined }> => {
  const reader = readFields(record, plan);
  const name = reader.text("name", 80);
  if (name === "") return nothing(reader, { code: "name-missing", detail: "the category has no name" });
  const description = reader.text("description", 2_000);
  const parentRecordId = reader.relation("parent");
  return {
    contents: { id: slugFrom(reader, name, record.id), name, description, parentRecordId },
    remarks: reader.remarks,
  };
};

const hidden = new Set(["draft", "hidden", "private", "unpublished", "inactive", "archived", "false", "0", "disabled"]);

/** What a catalog showed before is shown here: only what is marked as hidden becomes a draft. */
const statusOf = (value: unknown): ToolStatus => {
  if (value === false) return "draft";
  return typeof value === "string" && hidden.has(value.trim().toLowerCase()) ? "draft" : "published";
};

/** @param categoryOf id of the category that a record of the source has become */
export const mapTool = (
  record: SourceRecord,
  plan: CollectionPlan,
  categoryOf: (recordId: string) => string | undefined,
): Mapped<ToolContents> => {
  const reader = readFields(record, plan);
  const name = reader.text("name", 120);
  if (name === "") return nothing(reader, { code: "name-missing", detail: "the tool has no name" });
  const wanted = reader.relation("category");
  const category = wanted === undefined ? null : (categoryOf(wanted) ?? null);
  if (wanted !== undefined && category === null) {
    reader.remark({
      code: "category-missing",
      detail: `there is no category ${wanted.slice(0, 100)}; it has none now`,
    });
  }
  const contents: ToolContents = {
    name,
    slug: slugFrom(reader, name, record.id),
    description: reader.text("description", 10_000),
    category,
    homepage: reader.link("homepage"),
    repository: reader.link("repository"),
    license: reader.text("license", 60) || null,
    tags: [...reader.slugs("tags", tagsMax)],
    status: statusOf(reader.raw("status")),
  };
  return { contents, remarks: reader.remarks };
};

export const mapVersion = (record: SourceRecord, plan: CollectionPlan): Mapped<VersionContents> => {
  const reader = readFields(record, plan);
  const toolRecordId = reader.relation("tool");
  if (toolRecordId === undefined) return nothing(reader, { code: "tool-missing", detail: "it names no tool" });
  const written = reader.text("version", 100);
  const version = coerceVersion(written);
  if (version === undefined) {
    return nothing(reader, { code: "version-unreadable", detail: `"${written.slice(0, 80)}" is no version` });
  }
  const contents = {
    version,
    releasedAt: reader.day("releasedAt"),
    notes: reader.text("notes", 10_000),
    url: reader.link("url"),
    toolRecordId,
  };
  return { contents, remarks: reader.remarks };
};

const isScore = (value: unknown): value is number => typeof value === "number" && value >= 0 && value <= 100;

const scoresMax = 20;
const scoresOf = (reader: FieldReader): Record<string, number> => {
  const written = reader.raw("scores");
  const several = typeof written === "object" && written !== null ? Object.entries(written) : [];
  const single = reader.raw("score");
  const all: readonly (readonly [string, unknown])[] =
    single === undefined || single === null ? several : [...several, ["overall", single]];
  const good = all.flatMap(([name, value]) => {
    const slug = slugOf(name);
    if (slug !== undefined && isScore(value)) return [[slug, value] as const];
    reader.remark({ code: "score-dropped", detail: `the score ${name.slice(0, 60)} is no number from 0 to 100` });
    return [];
  });
  return Object.fromEntries(good.toSorted(([one], [other]) => (one < other ? -1 : 1)).slice(0, scoresMax));
};

export const mapEvaluation = (record: SourceRecord, plan: CollectionPlan): Mapped<EvaluationContents> => {
  const reader = readFields(record, plan);
  const toolRecordId = reader.relation("tool");
  if (toolRecordId === undefined) return nothing(reader, { code: "tool-missing", detail: "it names no tool" });
  const model = reader.text("model", 120);
  if (model === "") return nothing(reader, { code: "model-missing", detail: "it names no model" });
  const date = reader.day("date");
  if (date === null) return nothing(reader, { code: "date-missing", detail: "it has no date" });
  const contents = {
    ...{ model, date, scores: scoresOf(reader), summary: reader.text("summary", 10_000) },
    ...{ source: reader.text("source", 500), toolRecordId },
  };
  return { contents, remarks: reader.remarks };
};
