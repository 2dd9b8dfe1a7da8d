import { z } from "zod";
import { DomainError } from "../kernel/errors.ts";
import { requiredText, Slug, text } from "./text.ts";
import { Origin } from "./tool.ts";

/** `id` is the category's slug: public addresses name it, so it never changes. */
export const CategoryFields = z.strictObject({
  id: Slug,
  name: requiredText(80),
  description: text(2_000).default(""),
  /** The category this one belongs to; null at the top. */
  parent: Slug.nullable().default(null),
});
export type CategoryFields = z.infer<typeof CategoryFields>;

/** A category as stored: kind `category` of the container `catalog`. */
export const Category = z.object({
  id: z.string(),
  kind: z.literal("category"),
  key: z.string(),
  name: z.string(),
  description: z.string(),
  parent: z.string().nullable(),
  revision: z.number().int(),
  updatedAt: z.string(),
  origin: Origin.nullable(),
});
export type Category = z.infer<typeof Category>;

/** Deeper than this nobody finds anything. */
export const depthMax = 5;
export const categoriesMax = 1_000;

/** A category with those below it, in the order of their names. */
export interface CategoryNode {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly children: readonly CategoryNode[];
}

const byName = (one: { readonly name: string }, other: { readonly name: string }): number =>
  one.name.localeCompare(other.name, "en");

/** The tree. Whose parent is missing stands at the top, so that nothing disappears. */
export const categoryTree = (categories: readonly Category[]): readonly CategoryNode[] => {
  const known = new Set(categories.map(({ id }) => id));
  const below = (parent: string | null, depth: number): readonly CategoryNode[] =>
    depth > depthMax
      ? []
      : categories
          .filter((category) => (known.has(category.parent ?? "") ? category.parent : null) === parent)
          .toSorted(byName)
          .map(({ id, name, description }) => ({ id, name, description, children: below(id, depth + 1) }));
  return below(null, 1);
};

/** The category and all below it. */
export const withDescendants = (categories: readonly Category[], id: string): ReadonlySet<string> => {
  const found = new Set([id]);
  for (let depth = 0; depth < depthMax; depth += 1) {
    for (const category of categories) if (found.has(category.parent ?? "")) found.add(category.id);
  }
  return found;
};

/**
 * Refuses a parent that does not exist, or that would make a circle or too deep a tree.
 * @throws DomainError `invalid-input`
 */
export const checkParent = (categories: readonly Category[], id: string, parent: string | null): void => {
  if (parent === null) return;
  const parentOf = new Map(categories.map((category) => [category.id, category.parent]));
  if (!parentOf.has(parent)) throw new DomainError("invalid-input", `There is no category ${parent}.`);
  if (withDescendants(categories, id).has(parent)) {
    throw new DomainError("invalid-input", `${parent} is below ${id}: a category cannot be below itself.`);
  }
  let above = 0;
  for (let at: string | null = parent; at !== null && above <= depthMax; at = parentOf.get(at) ?? null) above += 1;
  const heightOf = (of: string): number =>
    1 + Math.max(0, ...categories.filter((category) => category.parent === of).map((child) => heightOf(child.id)));
  if (above + heightOf(id) > depthMax) {
    throw new DomainError("invalid-input", `Categories are at most ${depthMax} levels deep.`);
  }
};
