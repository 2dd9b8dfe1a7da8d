import { createMany } from "../../documents/create-many.ts";
import type { Stored } from "../../documents/document-store.ts";
import type { Clock } from "../../kernel/clock.ts";
import { DomainError } from "../../kernel/errors.ts";
import { inParallel } from "../in-parallel.ts";
import { claimSlug } from "../claim-slug.ts";
import type { CatalogStore } from "../catalog-store.ts";
import { newTool, touched } from "../edit-tool.ts";
import type { Tool } from "../tool.ts";
import { hashTool } from "./hashed.ts";
import type { ToolContents } from "./map-record.ts";
import { mapTool, stableId } from "./map-record.ts";
import type { Counts, Remark } from "./migration.ts";
import type { CollectionPlan } from "./plan-source.ts";
import { slugWithId } from "./read-field.ts";
import type { SourceRecord } from "./source.ts";

export type Outcome = Exclude<keyof Counts, "read">;

export interface PutDeps {
  readonly catalog: CatalogStore;
  readonly clock: Clock;
  /** Name of the source. */
  readonly source: string;
  readonly isDryRun: boolean;
  readonly plan: CollectionPlan;
  readonly note: (recordId: string, remark: Remark) => void;
}

/** Brings a page of records into the catalog. Safe to repeat. */
export type PutPage = (page: readonly SourceRecord[]) => Promise<readonly Outcome[]>;

/** The members that an update would change, for a dry run. */
const differences = (one: object, other: object): string => {
  const before = new Map(Object.entries(one));
  const changed = Object.entries(other).filter(
    ([name, value]) => JSON.stringify(before.get(name)) !== JSON.stringify(value),
  );
  return changed.map(([name]) => name).join(", ");
};

const isEdited = ({ revision, origin }: Tool): boolean => origin?.revision !== revision;

interface NewRecord {
  readonly recordId: string;
  readonly id: string;
  readonly contents: ToolContents;
}

/** The wanted slug if nobody has it, else one with the record's id. */
const claim = async ({ catalog, clock, note }: PutDeps, recordId: string, wanted: string, id: string) => {
  if (await claimSlug(catalog, wanted, id, clock)) return wanted;
  const slug = slugWithId(wanted, recordId);
  note(recordId, { code: "slug-changed", detail: `the slug ${wanted} is another tool's; it is ${slug}` });
  if (await claimSlug(catalog, slug, id, clock)) return slug;
  throw new DomainError("conflict", `No slug was found for the record ${recordId}.`);
};

const toolOf = ({ recordId, id, contents }: NewRecord, slug: string, source: string, now: Date): Tool => {
  const { status } = contents;
  const tool = newTool({ ...contents, slug }, id, now);
  const publishedAt = status === "published" ? tool.createdAt : null;
  return { ...tool, status, publishedAt, origin: { source, recordId, hash: hashTool(contents), revision: 1 } };
};

export const readsAtOnceMax = 16;

export const makePutTool = (deps: PutDeps, categoryOf: (recordId: string) => string | undefined): PutPage => {
  const { catalog, clock, source, isDryRun, plan, note } = deps;
  const update = async (recordId: string, found: Stored<Tool>, contents: ToolContents): Promise<Outcome> => {
    const { value, etag } = found;
    const hash = hashTool(contents);
    if (value.origin?.hash === hash) return "unchanged";
    const { slug: _, ...members } = contents;
    if (isEdited(value)) {
      note(recordId, {
        code: "edited-here",
        detail: `${value.slug} was edited here and changed in the source: not taken`,
      });
      return "kept";
    }
    if (isDryRun) {
      note(recordId, { code: "would-update", detail: `${value.slug}: ${differences(value, members)}` });
      return "updated";
    }
    const next = touched({ ...value, ...members }, clock());
    const publishedAt = contents.status === "published" ? (value.publishedAt ?? next.updatedAt) : value.publishedAt;
    const origin = { source, recordId, hash, revision: next.revision };
    await catalog.tools.replace({ ...next, publishedAt, origin }, etag);
    return "updated";
  };
  const look = async (record: SourceRecord): Promise<Outcome | NewRecord> => {
    const { contents, remarks } = mapTool(record, plan, categoryOf);
    for (const remark of remarks) note(record.id, remark);
    if (contents === undefined) return "unmapped";
    const id = stableId(source, "tool", record.id);
    const found = await catalog.readTool(id);
    if (found !== undefined) return update(record.id, found, contents);
    if (!isDryRun) return { recordId: record.id, id, contents };
    note(record.id, { code: "would-create", detail: contents.slug });
    return "created";
  };
  /** Slugs first: a tool never has one that is not its own. */
  const createAll = async (news: readonly NewRecord[]): Promise<void> => {
    const updatedAt = clock().toISOString();
    const isClaimed = await createMany(
      catalog.slugs,
      news.map(({ id, contents }) => ({ id: contents.slug, kind: "tool-slug", key: id, updatedAt })),
    );
    const tools: Tool[] = [];
    for (const [index, { recordId, id, contents }] of news.entries()) {
      const slug = isClaimed[index] === true ? contents.slug : await claim(deps, recordId, contents.slug, id);
      tools.push(toolOf({ recordId, id, contents }, slug, source, clock()));
    }
    // One that is there already was made by another worker at this moment, from the same record.
    await createMany(catalog.tools, tools);
  };
  return async (page) => {
    const looked = await inParallel(page, readsAtOnceMax, look);
    await createAll(looked.filter((each) => typeof each !== "string"));
    return looked.map((each) => (typeof each === "string" ? each : "created"));
  };
};
