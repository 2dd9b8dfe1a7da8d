import semver from "semver";
import { z } from "zod";
import { Link, requiredText, Slug, text } from "./text.ts";

/** Sizes of what people write. Everything of one tool stays far below the 2 MB of a document. */
const tagsMax = 20;
const scoresMax = 20;

/** Where a document came from, when it was migrated. `revision` is the one the migration wrote: a later one is an edit. */
export const Origin = z.object({
  /** Name of the source, the same in every run. */
  source: z.string(),
  recordId: z.string(),
  /** Of the mapped contents, so that a later run writes only what changed. */
  hash: z.string(),
  revision: z.number().int(),
});
export type Origin = z.infer<typeof Origin>;

export const ToolStatus = z.enum(["draft", "published"]);
export type ToolStatus = z.infer<typeof ToolStatus>;

/** A set: each tag once, in the order of their letters. */
const Tags = z
  .array(Slug)
  .max(tagsMax, `at most ${tagsMax} tags`)
  .transform((tags) => [...new Set(tags)].sort());

/** What people write of a tool (seed, Admin 3.1). `category` is a category's id. */
export const ToolFields = z.strictObject({
  name: requiredText(120),
  slug: Slug,
  description: text(10_000).default(""),
  category: Slug.nullable().default(null),
  homepage: Link.nullable().default(null),
  repository: Link.nullable().default(null),
  /** An SPDX identifier where there is one. */
  license: text(60).nullable().default(null),
  tags: Tags.default([]),
});
export type ToolFields = z.infer<typeof ToolFields>;

/** A tool as stored: kind `tool` of the container `catalog`. Instants are ISO 8601 UTC. */
export const Tool = z.object({
  id: z.string(),
  kind: z.literal("tool"),
  /** Orders tools by their last change and is unique: what has changed is found from there. */
  key: z.string(),
  name: z.string(),
  slug: z.string(),
  description: z.string(),
  category: z.string().nullable(),
  homepage: z.string().nullable(),
  repository: z.string().nullable(),
  license: z.string().nullable(),
  tags: z.array(z.string()),
  status: ToolStatus,
  /** 1 for a new tool, one more with every change. Its ETag. */
  revision: z.number().int(),
  createdAt: z.string(),
  updatedAt: z.string(),
  /** First published then; kept when it is withdrawn. */
  publishedAt: z.string().nullable(),
  origin: Origin.nullable(),
});
export type Tool = z.infer<typeof Tool>;

/** A version of Semantic Versioning 2.0.0, in its plain form: no `v`, no spaces. */
const Version = z
  .string()
  .max(100)
  .refine(
    (version) => semver.valid(version) !== null && /^\d[\w.+-]*$/.test(version),
    "must be a version such as 1.4.0",
  )
  .describe("semver 2.0.0");

export const ToolVersionFields = z.strictObject({
  version: Version,
  /** The day or instant it was released. */
  releasedAt: z.iso
    .date()
    .or(z.iso.datetime({ offset: true }))
    .nullable()
    .default(null),
  notes: text(10_000).default(""),
  url: Link.nullable().default(null),
});
export type ToolVersionFields = z.infer<typeof ToolVersionFields>;

export const ToolVersion = z.object({
  /** `<tool id>~<version>`: a version of a tool exists once. */
  id: z.string(),
  kind: z.literal("tool-version"),
  /** `<tool id>~...`: all of one tool are found from there. */
  key: z.string(),
  toolId: z.string(),
  version: z.string(),
  releasedAt: z.string().nullable(),
  notes: z.string(),
  url: z.string().nullable(),
  createdAt: z.string(),
  origin: Origin.nullable(),
});
export type ToolVersion = z.infer<typeof ToolVersion>;

/** What a language model thought of a tool. Scores go from 0 to 100. */
export const EvaluationFields = z.strictObject({
  model: requiredText(120),
  date: z.iso.date(),
  scores: z
    .record(Slug, z.number().min(0).max(100))
    .refine((scores) => Object.keys(scores).length <= scoresMax, `at most ${scoresMax} scores`)
    .default({}),
  summary: text(10_000).default(""),
  /** Where the evaluation was made or published; free text. */
  source: text(500).default(""),
});
export type EvaluationFields = z.infer<typeof EvaluationFields>;

export const Evaluation = z.object({
  id: z.string(),
  kind: z.literal("tool-evaluation"),
  key: z.string(),
  toolId: z.string(),
  model: z.string(),
  date: z.string(),
  scores: z.record(z.string(), z.number()),
  summary: z.string(),
  source: z.string(),
  createdAt: z.string(),
  origin: Origin.nullable(),
});
export type Evaluation = z.infer<typeof Evaluation>;

/** Newest first, by the rules of Semantic Versioning. */
export const newestFirst = <T extends { readonly version: string }>(versions: readonly T[]): readonly T[] =>
  versions.toSorted((one, other) => semver.compareBuild(other.version, one.version));

/** The version a loosely written one (`v1.2`, `1.2.3.4-beta`) means, or undefined when it means none. */
export const coerceVersion = (written: string): string | undefined =>
  semver.valid(written.trim()) ?? semver.coerce(written, { includePrerelease: true })?.version;
