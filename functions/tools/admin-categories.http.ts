import { revisionTag } from "../../shared/gateway/request-headers.ts";
import type { CatalogStore } from "../../shared/tools/catalog-store.ts";
import { CategoryFields } from "../../shared/tools/category.ts";
import type { EditCategory } from "../../shared/tools/edit-category.ts";
import type { HttpFunction } from "../http/http-function.ts";
import { json } from "../http/http-function.ts";
import type { ReadCaller } from "../http/read-caller.ts";
import { readJson } from "../http/read-json.ts";
import { readIfMatch } from "../http/if-match.ts";
import { categoryView } from "./tool-view.ts";

interface Deps {
  readonly readOperator: ReadCaller;
  readonly catalog: CatalogStore;
  readonly editCategory: EditCategory;
  readonly catalogChanged: () => void;
}

/** `GET /api/admin/categories`: all of them as a list, with their revisions. */
export const listCategoriesHttp = ({ readOperator, catalog }: Deps): HttpFunction => ({
  name: "list-categories",
  method: "GET",
  route: "api/admin/categories",
  access: "gateway",
  handler: async (request) => {
    await readOperator(request);
    return json(200, { categories: (await catalog.allCategories()).map(categoryView) });
  },
});

/** `POST /api/admin/categories`: 201, 409 for an id that is taken. */
export const createCategoryHttp = ({ readOperator, editCategory, catalogChanged }: Deps): HttpFunction => ({
  name: "create-category",
  method: "POST",
  route: "api/admin/categories",
  access: "gateway",
  handler: async (request) => {
    await readOperator(request);
    const category = await editCategory.create(await readJson(request, CategoryFields));
    catalogChanged();
    return json(201, categoryView(category), { etag: revisionTag(category.revision) });
  },
});

const { shape } = CategoryFields;
const CategoryPatch = CategoryFields.omit({ id: true })
  .extend({ description: shape.description.unwrap(), parent: shape.parent.unwrap() })
  .partial();

/** `PATCH /api/admin/categories/{categoryId}` with `If-Match`. */
export const updateCategoryHttp = ({ readOperator, editCategory, catalogChanged }: Deps): HttpFunction => ({
  name: "update-category",
  method: "PATCH",
  route: "api/admin/categories/{categoryId}",
  access: "gateway",
  handler: async (request) => {
    await readOperator(request);
    const patch = await readJson(request, CategoryPatch);
    const given = Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined));
    const category = await editCategory.update(request.params["categoryId"] ?? "", readIfMatch(request), given);
    catalogChanged();
    return json(200, categoryView(category), { etag: revisionTag(category.revision) });
  },
});

/** `DELETE /api/admin/categories/{categoryId}` with `If-Match`: 204, 409 while something is in it. */
export const removeCategoryHttp = ({ readOperator, editCategory, catalogChanged }: Deps): HttpFunction => ({
  name: "remove-category",
  method: "DELETE",
  route: "api/admin/categories/{categoryId}",
  access: "gateway",
  handler: async (request) => {
    await readOperator(request);
    await editCategory.remove(request.params["categoryId"] ?? "", readIfMatch(request));
    catalogChanged();
    return { status: 204 };
  },
});
