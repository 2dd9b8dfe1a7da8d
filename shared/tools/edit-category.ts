import { DocumentChanged, DocumentConflict } from "../documents/document-store.ts";
import type { Clock } from "../kernel/clock.ts";
import { DomainError } from "../kernel/errors.ts";
import type { CatalogStore } from "./catalog-store.ts";
import type { Category, CategoryFields } from "./category.ts";
import { categoriesMax, checkParent } from "./category.ts";

export interface EditCategory {
  /** @throws DomainError `conflict` (the id is taken), `invalid-input` (parent) */
  create(fields: CategoryFields): Promise<Category>;
  /** @throws DomainError `not-found`, `precondition-failed`, `invalid-input` (parent) */
  update(id: string, revision: number, fields: Partial<Omit<CategoryFields, "id">>): Promise<Category>;
  /** @throws DomainError `conflict` while tools or categories are in it, `not-found`, `precondition-failed` */
  remove(id: string, revision: number): Promise<void>;
}

const changed = (): DomainError =>
  new DomainError("precondition-failed", "Somebody has changed the category in the meantime. Read it again.");

const noSuch = (): DomainError => new DomainError("not-found", "There is no category with this id.");

/** Turns what the store says about a race into what the caller can do about it. */
const inRace = async <T>(act: () => Promise<T>, lost: () => DomainError): Promise<T> => {
  try {
    return await act();
  } catch (error) {
    if (error instanceof DocumentChanged || error instanceof DocumentConflict) throw lost();
    throw error;
  }
};

export const makeEditCategory = ({
  catalog,
  clock,
}: {
  readonly catalog: CatalogStore;
  readonly clock: Clock;
}): EditCategory => {
  const { categories, tools } = catalog;
  const read = async (id: string, revision: number) => {
    const found = await categories.read("category", id);
    if (found === undefined) throw noSuch();
    if (found.value.revision !== revision) throw changed();
    return found;
  };
  return {
    create: async (fields) => {
      const all = await catalog.allCategories();
      if (all.length >= categoriesMax) {
        throw new DomainError("conflict", `There are ${categoriesMax} categories, which is the most there can be.`);
      }
      checkParent(all, fields.id, fields.parent);
      const updatedAt = clock().toISOString();
      const category = { ...fields, kind: "category", key: fields.id, revision: 1, updatedAt, origin: null } as const;
      const taken = () => new DomainError("conflict", `There is a category ${fields.id} already.`);
      return (await inRace(() => categories.create(category), taken)).value;
    },
    update: async (id, revision, fields) => {
      const { value, etag } = await read(id, revision);
      if (fields.parent !== undefined) checkParent(await catalog.allCategories(), id, fields.parent);
      const next = { ...value, ...fields, revision: revision + 1, updatedAt: clock().toISOString() };
      return (await inRace(() => categories.replace(next, etag), changed)).value;
    },
    remove: async (id, revision) => {
      const { etag } = await read(id, revision);
      const [used] = await tools.query({ partition: "tool", equal: { category: id }, limit: 1 });
      const child = (await catalog.allCategories()).find(({ parent }) => parent === id);
      if (used !== undefined || child !== undefined) {
        const user = used === undefined ? `the category ${child?.id ?? ""}` : `the tool ${used.value.slug}`;
        throw new DomainError("conflict", `The category is in use, by ${user} among others.`);
      }
      await inRace(() => categories.delete("category", id, etag), changed);
    },
  };
};
