import { z } from "zod";
import type { SourceCollection } from "./source.ts";

/** What is migrated, in this order: who is pointed at comes before who points. */
export const migratedKinds = ["category", "tool", "tool-version", "tool-evaluation"] as const;
export const MigratedKind = z.enum(migratedKinds);
export type MigratedKind = z.infer<typeof MigratedKind>;

/** Which collection holds a kind, and which of its fields hold what we know by the name on the left. */
export const CollectionPlan = z.object({
  collection: z.string(),
  fields: z.record(z.string(), z.string()),
  /** Fields that have no place here; their contents stay behind. */
  unmapped: z.array(z.string()),
  count: z.number().int(),
});
export type CollectionPlan = z.infer<typeof CollectionPlan>;

/** What the audit of a source found. */
export const SourcePlan = z.object({
  kinds: z.partialRecord(MigratedKind, CollectionPlan),
  /** Collections that are not migrated. */
  others: z.array(z.string()),
});
export type SourcePlan = z.infer<typeof SourcePlan>;

/** Names that catalogs gave their collections, compared without case, `_` and `-`. */
const collectionNames: Readonly<Record<MigratedKind, readonly string[]>> = {
  category: ["categories", "category", "toolcategories", "toolcategory"],
  tool: ["tools", "tool", "catalog", "toolcatalog"],
  "tool-version": ["toolversions", "toolversion", "versions", "version"],
  "tool-evaluation": ["aievaluations", "aievaluation", "evaluations", "evaluation", "toolevaluations"],
};

const fieldNames: Readonly<Record<MigratedKind, Readonly<Record<string, readonly string[]>>>> = {
  category: {
    name: ["name", "title", "label"],
    slug: ["slug", "key"],
    description: ["description", "summary"],
    parent: ["parent", "parentid", "parentcategory"],
  },
  tool: {
    name: ["name", "title"],
    slug: ["slug", "key"],
    description: ["description", "summary", "body"],
    category: ["category", "categoryid", "categories"],
    homepage: ["homepage", "website", "url", "link"],
    repository: ["repository", "repo", "repositoryurl", "github", "source", "sourceurl"],
    license: ["license", "licence", "spdx"],
    tags: ["tags", "labels", "keywords"],
    status: ["status", "state", "published", "ispublished", "visible", "public"],
  },
  "tool-version": {
    tool: ["tool", "toolid"],
    version: ["version", "name", "tag", "number"],
    releasedAt: ["releasedat", "released", "releasedate", "date", "publishedat"],
    notes: ["notes", "changelog", "releasenotes", "description"],
    url: ["url", "link", "downloadurl"],
  },
  "tool-evaluation": {
    tool: ["tool", "toolid"],
    model: ["model", "modelname", "evaluator"],
    date: ["date", "evaluatedat", "evaluated", "created"],
    scores: ["scores", "ratings"],
    score: ["score", "rating", "overall"],
    summary: ["summary", "text", "comment", "result", "description"],
    source: ["source", "sourceurl", "origin", "url"],
  },
};

/** PocketBase's own, or without meaning elsewhere. */
const known = new Set(["id", "created", "updated", "collectionId", "collectionName"]);

const plain = (name: string): string => name.toLowerCase().replace(/[_-]/g, "");

const planOf = (kind: MigratedKind, { name, fields }: SourceCollection): CollectionPlan => {
  const free = new Map(fields.map((field) => [plain(field.name), field.name]));
  const found = Object.entries(fieldNames[kind]).flatMap(([member, names]) => {
    const alias = names.find((candidate) => free.has(candidate));
    const field = alias === undefined ? undefined : free.get(alias);
    if (alias === undefined || field === undefined) return [];
    free.delete(alias);
    return [[member, field] as const];
  });
  const unmapped = [...free.values()].filter((field) => !known.has(field));
  return { collection: name, fields: Object.fromEntries(found), unmapped, count: 0 };
};

/** Finds the catalog in the collections of a PocketBase, by their names. */
export const planSource = (collections: readonly SourceCollection[]): SourcePlan => {
  const found = migratedKinds.flatMap((kind) => {
    const collection = collectionNames[kind]
      .map((candidate) => collections.find(({ name }) => plain(name) === candidate))
      .find((candidate) => candidate !== undefined);
    return collection === undefined ? [] : [[kind, planOf(kind, collection)] as const];
  });
  const taken = new Set(found.map(([, { collection }]) => collection));
  return {
    kinds: Object.fromEntries(found),
    others: collections.map(({ name }) => name).filter((name) => !taken.has(name)),
  };
};
