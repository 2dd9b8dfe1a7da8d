import type { HttpResponseInit } from "@azure/functions";
import { parseInput } from "../../shared/gateway/parse-input.ts";
import { revisionTag } from "../../shared/gateway/request-headers.ts";
import { DomainError } from "../../shared/kernel/errors.ts";
import type { CatalogStore } from "../../shared/tools/catalog-store.ts";
import type { EditTool } from "../../shared/tools/edit-tool.ts";
import type { SearchTools } from "../../shared/tools/search-tools.ts";
import { ToolQuery } from "../../shared/tools/search-tools.ts";
import type { Tool, ToolStatus } from "../../shared/tools/tool.ts";
import { ToolFields } from "../../shared/tools/tool.ts";
import type { HttpFunction } from "../http/http-function.ts";
import { json } from "../http/http-function.ts";
import type { ReadCaller } from "../http/read-caller.ts";
import { readJson } from "../http/read-json.ts";
import { readIfMatch } from "../http/if-match.ts";
import { toolView } from "./tool-view.ts";

export interface AdminToolsDeps {
  readonly readOperator: ReadCaller;
  readonly catalog: CatalogStore;
  readonly editTool: EditTool;
  readonly searchTools: SearchTools;
  readonly catalogChanged: () => void;
}

const tagged = (status: number, tool: Tool, headers: Readonly<Record<string, string>> = {}): HttpResponseInit =>
  json(status, toolView(tool), { etag: revisionTag(tool.revision), ...headers });

/** `GET /api/admin/tools`: as the public list, drafts included; `status` is one more filter. */
export const listAdminToolsHttp = ({ readOperator, searchTools }: AdminToolsDeps): HttpFunction => ({
  name: "list-admin-tools",
  method: "GET",
  route: "api/admin/tools",
  access: "gateway",
  handler: async (request) => {
    await readOperator(request);
    return json(200, await searchTools(parseInput(ToolQuery, Object.fromEntries(request.query.entries()))));
  },
});

/** `POST /api/admin/tools`: 201 with a draft. */
export const createToolHttp = ({ readOperator, editTool, catalogChanged }: AdminToolsDeps): HttpFunction => ({
  name: "create-tool",
  method: "POST",
  route: "api/admin/tools",
  access: "gateway",
  handler: async (request) => {
    await readOperator(request);
    const tool = await editTool.create(await readJson(request, ToolFields));
    catalogChanged();
    return tagged(201, tool, { location: `/api/admin/tools/${tool.id}` });
  },
});

/** `GET /api/admin/tools/{toolId}`: with versions and evaluations; the ETag is the revision. */
export const getToolHttp = ({ readOperator, catalog }: AdminToolsDeps): HttpFunction => ({
  name: "get-tool",
  method: "GET",
  route: "api/admin/tools/{toolId}",
  access: "gateway",
  handler: async (request) => {
    await readOperator(request);
    const tool = (await catalog.readTool(request.params["toolId"] ?? ""))?.value;
    if (tool === undefined) throw new DomainError("not-found", "There is no tool with this id.");
    const [versions, evaluations] = await Promise.all([catalog.versionsOf(tool.id), catalog.evaluationsOf(tool.id)]);
    return json(200, toolView(tool, { versions, evaluations }), { etag: revisionTag(tool.revision) });
  },
});

/** Without its defaults: what is not said stays as it is. */
const { shape } = ToolFields;
const ToolPatch = ToolFields.extend({
  description: shape.description.unwrap(),
  category: shape.category.unwrap(),
  homepage: shape.homepage.unwrap(),
  repository: shape.repository.unwrap(),
  license: shape.license.unwrap(),
  tags: shape.tags.unwrap(),
}).partial();

/** `PATCH /api/admin/tools/{toolId}` with `If-Match`: 412 when somebody was faster. */
export const updateToolHttp = ({ readOperator, editTool, catalogChanged }: AdminToolsDeps): HttpFunction => ({
  name: "update-tool",
  method: "PATCH",
  route: "api/admin/tools/{toolId}",
  access: "gateway",
  handler: async (request) => {
    await readOperator(request);
    const { toolId = "" } = request.params;
    const patch = await readJson(request, ToolPatch);
    const given = Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined));
    const tool = await editTool.update(toolId, readIfMatch(request), given);
    catalogChanged();
    return tagged(200, tool);
  },
});

const statusHttp = (wish: "publish" | "unpublish", status: ToolStatus, deps: AdminToolsDeps): HttpFunction => ({
  name: `${wish}-tool`,
  method: "POST",
  route: `api/admin/tools/{toolId}/${wish}`,
  access: "gateway",
  handler: async (request) => {
    await deps.readOperator(request);
    const tool = await deps.editTool.setStatus(request.params["toolId"] ?? "", readIfMatch(request), status);
    deps.catalogChanged();
    return tagged(200, tool);
  },
});

/** `POST /api/admin/tools/{toolId}/publish` with `If-Match`: 200, also when it was published. */
export const publishToolHttp = (deps: AdminToolsDeps): HttpFunction => statusHttp("publish", "published", deps);

/** `POST /api/admin/tools/{toolId}/unpublish` with `If-Match`: 200, also when it was a draft. */
export const unpublishToolHttp = (deps: AdminToolsDeps): HttpFunction => statusHttp("unpublish", "draft", deps);
