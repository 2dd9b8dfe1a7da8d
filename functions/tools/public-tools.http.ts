import { createHash } from "node:crypto";
import type { HttpRequest, HttpResponseInit } from "@azure/functions";
import { parseInput } from "../../shared/gateway/parse-input.ts";
import { DomainError } from "../../shared/kernel/errors.ts";
import type { CatalogStore } from "../../shared/tools/catalog-store.ts";
import { categoryTree } from "../../shared/tools/category.ts";
import type { SearchTools } from "../../shared/tools/search-tools.ts";
import { ToolQuery } from "../../shared/tools/search-tools.ts";
import { isKnownToCaller } from "../http/built-files.ts";
import type { HttpFunction } from "../http/http-function.ts";
import { publicToolView } from "./tool-view.ts";

interface Deps {
  readonly catalog: CatalogStore;
  readonly searchTools: SearchTools;
}

/** Anybody may keep it, and asks whether it is still so. */
const cacheControl = "public, no-cache";

/** An answer with the ETag of its contents; 304 for whoever has it already. */
const taggedJson = (request: HttpRequest, value: unknown): HttpResponseInit => {
  const body = JSON.stringify(value);
  const etag = `"${createHash("sha256").update(body).digest("base64url").slice(0, 27)}"`;
  const headers = { etag, "cache-control": cacheControl };
  if (isKnownToCaller(request, etag)) return { status: 304, headers };
  return { status: 200, headers: { ...headers, "content-type": "application/json" }, body };
};

const PublicQuery = ToolQuery.omit({ status: true });

/** `GET /api/tools?q&category&tag&license&sort&after&limit`: published tools with facets, a page at a time. */
export const searchToolsHttp = ({ searchTools }: Deps): HttpFunction => ({
  name: "search-tools",
  method: "GET",
  route: "api/tools",
  access: "gateway",
  handler: async (request) => {
    const query = parseInput(PublicQuery, Object.fromEntries(request.query.entries()));
    const { tools, facets, ...page } = await searchTools({ ...query, status: "published" });
    const { status: _, ...shown } = facets;
    const summaries = tools.map(({ status: __, revision: ___, ...summary }) => summary);
    return taggedJson(request, { tools: summaries, facets: shown, ...page });
  },
});

/** `GET /api/tools/{slug}`: a published tool with versions and evaluations. A draft is not there. */
export const readToolHttp = ({ catalog }: Deps): HttpFunction => ({
  name: "read-tool",
  method: "GET",
  route: "api/tools/{slug}",
  access: "gateway",
  handler: async (request) => {
    const tool = (await catalog.findBySlug(request.params["slug"] ?? ""))?.value;
    if (tool?.status !== "published") throw new DomainError("not-found", "There is no tool with this slug.");
    const [versions, evaluations] = await Promise.all([catalog.versionsOf(tool.id), catalog.evaluationsOf(tool.id)]);
    return taggedJson(request, publicToolView(tool, { versions, evaluations }));
  },
});

/** `GET /api/categories`: the tree. */
export const readCategoriesHttp = ({ catalog }: Deps): HttpFunction => ({
  name: "read-categories",
  method: "GET",
  route: "api/categories",
  access: "gateway",
  handler: async (request) => taggedJson(request, { categories: categoryTree(await catalog.allCategories()) }),
});
