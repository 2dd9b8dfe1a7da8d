import type { Stored } from "../documents/document-store.ts";
import { DocumentChanged } from "../documents/document-store.ts";
import type { Clock } from "../kernel/clock.ts";
import { DomainError } from "../kernel/errors.ts";
import type { NewId } from "../kernel/ids.ts";
import { claimSlug, releaseSlug, slugTaken } from "./claim-slug.ts";
import type { CatalogStore } from "./catalog-store.ts";
import { keyOf } from "./catalog-store.ts";
import type { Tool, ToolFields, ToolStatus } from "./tool.ts";

export interface EditToolDeps {
  readonly catalog: CatalogStore;
  readonly clock: Clock;
  readonly newId: NewId;
}

/** A change is asked for on the revision that was read; on any other one nothing is changed. */
export interface EditTool {
  /** Makes a draft. @throws DomainError `slug-taken`, `invalid-input` (unknown category) */
  create(fields: ToolFields): Promise<Tool>;
  /** @throws DomainError `not-found`, `precondition-failed`, `slug-taken`, `invalid-input` */
  update(id: string, revision: number, fields: Partial<ToolFields>): Promise<Tool>;
  /** Shows a tool to everybody, or takes it away from them. Doing so twice changes nothing. */
  setStatus(id: string, revision: number, status: ToolStatus): Promise<Tool>;
}

const unknownCategory = (category: string): DomainError =>
  new DomainError("invalid-input", `There is no category ${category}.`, {
    facts: { errors: [{ pointer: "/category", detail: `There is no category ${category}.` }] },
  });

/** Everything a change of a tool brings with it, whatever the change. */
export const touched = (tool: Tool, now: Date): Tool => {
  const updatedAt = now.toISOString();
  return { ...tool, revision: tool.revision + 1, updatedAt, key: keyOf(updatedAt, tool.id) };
};

const requireRevision = async (catalog: CatalogStore, id: string, revision: number): Promise<Stored<Tool>> => {
  const found = await catalog.readTool(id);
  if (found === undefined) throw new DomainError("not-found", "There is no tool with this id.");
  if (found.value.revision !== revision) throw changed(found.value.revision);
  return found;
};

const changed = (revision?: number): DomainError =>
  new DomainError("precondition-failed", "Somebody has changed the tool in the meantime. Read it again.", {
    facts: revision === undefined ? {} : { revision },
  });

const replace = async ({ tools }: CatalogStore, tool: Tool, etag: string): Promise<Tool> => {
  try {
    return (await tools.replace(tool, etag)).value;
  } catch (error) {
    if (error instanceof DocumentChanged) throw changed();
    throw error;
  }
};

export const newTool = (fields: ToolFields, id: string, now: Date): Tool => {
  const at = now.toISOString();
  return {
    ...fields,
    id,
    kind: "tool",
    key: keyOf(at, id),
    status: "draft",
    revision: 1,
    createdAt: at,
    updatedAt: at,
    publishedAt: null,
    origin: null,
  };
};

export const makeEditTool = ({ catalog, clock, newId }: EditToolDeps): EditTool => {
  const checkCategory = async (category: string | null | undefined): Promise<void> => {
    if (category === null || category === undefined) return;
    if ((await catalog.categories.read("category", category)) === undefined) throw unknownCategory(category);
  };
  const claim = async (slug: string, toolId: string): Promise<void> => {
    if (!(await claimSlug(catalog, slug, toolId, clock))) throw slugTaken(slug);
  };
  return {
    create: async (fields) => {
      await checkCategory(fields.category);
      const tool = newTool(fields, newId(), clock());
      await claim(tool.slug, tool.id);
      return (await catalog.tools.create(tool)).value;
    },
    update: async (id, revision, fields) => {
      const { value, etag } = await requireRevision(catalog, id, revision);
      await checkCategory(fields.category);
      const next = touched({ ...value, ...fields }, clock());
      if (next.slug === value.slug) return replace(catalog, next, etag);
      await claim(next.slug, id);
      const stored = await replace(catalog, next, etag);
      await releaseSlug(catalog, value.slug, id);
      return stored;
    },
    setStatus: async (id, revision, status) => {
      const { value, etag } = await requireRevision(catalog, id, revision);
      if (value.status === status) return value;
      const next = touched({ ...value, status }, clock());
      const publishedAt = status === "published" ? (value.publishedAt ?? next.updatedAt) : value.publishedAt;
      return replace(catalog, { ...next, publishedAt }, etag);
    },
  };
};
