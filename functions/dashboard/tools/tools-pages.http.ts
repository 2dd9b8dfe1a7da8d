import type { HttpRequest, HttpResponseInit } from "@azure/functions";
import { parseInput } from "../../../shared/gateway/parse-input.ts";
import type { Clock } from "../../../shared/kernel/clock.ts";
import { DomainError } from "../../../shared/kernel/errors.ts";
import type { CatalogStore } from "../../../shared/tools/catalog-store.ts";
import type { EditToolParts } from "../../../shared/tools/edit-tool-parts.ts";
import type { EditTool } from "../../../shared/tools/edit-tool.ts";
import type { SearchTools } from "../../../shared/tools/search-tools.ts";
import { ToolQuery } from "../../../shared/tools/search-tools.ts";
import type { Tool } from "../../../shared/tools/tool.ts";
import type { HttpFunction } from "../../http/http-function.ts";
import { toProblem } from "../../http/problem.ts";
import { doneAddress, readDone } from "../done-ticket.ts";
import type { Flash } from "../fleet-page.ts";
import { readForm } from "../read-form.ts";
import type { WritePage } from "../shell.ts";
import { redirect } from "../shell.ts";
import type { InVisit, Visit } from "../visits.ts";
import { isToolAction, toolActions, toolDoneWords } from "./tool-actions.ts";
import type { Typed } from "./tool-forms.ts";
import { confirmStatusPage, newToolPage, toolDetailPage } from "./tool-forms.ts";
import { toolAddress, toolsListPage } from "./tools-list.ts";

export interface ToolsPagesDeps {
  readonly inVisit: InVisit;
  readonly writePage: WritePage;
  readonly clock: Clock;
  readonly publicOrigin: string;
  readonly catalog: CatalogStore;
  readonly searchTools: SearchTools;
  readonly editTool: EditTool;
  readonly editToolParts: EditToolParts;
  readonly catalogChanged: () => void;
}

const flashOf = (visit: Visit, request: HttpRequest, now: Date): Flash | undefined => {
  const done = readDone(visit, request, now);
  return isToolAction(done) ? { isGood: true, text: toolDoneWords[done] } : undefined;
};

/** Empty fields of the search form say nothing. */
const queryOf = (request: HttpRequest): ToolQuery => {
  const given = [...request.query.entries()].filter(([name, value]) => value !== "" && name !== "done");
  return parseInput(ToolQuery, Object.fromEntries(given));
};

/** `GET /admin/tools`: the catalog with search and facets. */
export const toolsListHttp = ({ inVisit, writePage, searchTools, clock }: ToolsPagesDeps): HttpFunction => ({
  name: "dashboard-tools",
  method: "GET",
  route: "dashboard/tools",
  access: "gateway",
  handler: inVisit(async (visit, request) => {
    const query = queryOf(request);
    const page = await searchTools(query);
    const now = clock();
    const flash = flashOf(visit, request, now);
    const content = toolsListPage({ page, query, nowMilliseconds: now.getTime(), flash });
    return writePage(200, { title: "Tools", visitor: visit.visitor, content });
  }),
});

interface Shown {
  readonly status: number;
  readonly flash?: Flash | undefined;
  readonly typed?: Typed | undefined;
}

const requireTool = async ({ catalog }: ToolsPagesDeps, id = ""): Promise<Tool> => {
  const found = await catalog.readTool(id);
  if (found === undefined) throw new DomainError("not-found", "There is no such tool.");
  return found.value;
};

const writeTool = async (deps: ToolsPagesDeps, { visitor }: Visit, tool: Tool, shown: Shown) => {
  const { catalog, clock, writePage } = deps;
  const [versions, evaluations, categories] = await Promise.all([
    catalog.versionsOf(tool.id),
    catalog.evaluationsOf(tool.id),
    catalog.allCategories(),
  ]);
  const { formToken } = visitor;
  const facts = { tool, versions, evaluations, categories, formToken, nowMilliseconds: clock().getTime() };
  return writePage(shown.status, { title: tool.name, visitor, content: toolDetailPage({ ...facts, ...shown }) });
};

const writeNew = async (deps: ToolsPagesDeps, { visitor }: Visit, { status, flash, typed = {} }: Shown) => {
  const categories = await deps.catalog.allCategories();
  const content = newToolPage({ formToken: visitor.formToken, categories, flash, typed });
  return deps.writePage(status, { title: "New tool", visitor, content });
};

/** `GET /admin/tools/new`. Its name comes before that of `{toolId}`, which would match as well. */
export const newToolPageHttp = (deps: ToolsPagesDeps): HttpFunction => ({
  name: "dashboard-tools-new",
  method: "GET",
  route: "dashboard/tools/new",
  access: "gateway",
  handler: deps.inVisit((visit) => writeNew(deps, visit, { status: 200 })),
});

/** `GET /admin/tools/{toolId}` */
export const toolPageHttp = (deps: ToolsPagesDeps): HttpFunction => ({
  name: "dashboard-tools-one",
  method: "GET",
  route: "dashboard/tools/{toolId}",
  access: "gateway",
  handler: deps.inVisit(async (visit, request) => {
    const tool = await requireTool(deps, request.params["toolId"]);
    return writeTool(deps, visit, tool, { status: 200, flash: flashOf(visit, request, deps.clock()) });
  }),
});

/** `GET /admin/tools/{toolId}/confirm/{action}` */
export const confirmToolHttp = (deps: ToolsPagesDeps): HttpFunction => ({
  name: "dashboard-tools-confirm",
  method: "GET",
  route: "dashboard/tools/{toolId}/confirm/{action}",
  access: "gateway",
  handler: deps.inVisit(async ({ visitor }, request) => {
    const { action } = request.params;
    if (action !== "publish" && action !== "unpublish") throw new DomainError("not-found", "There is no such action.");
    const tool = await requireTool(deps, request.params["toolId"]);
    const content = confirmStatusPage(tool, action, visitor.formToken);
    return deps.writePage(200, { title: `${action} ${tool.name}`, visitor, content });
  }),
});

/** A refusal is shown where the form stands, with what was typed. */
const writeRefusal = async (deps: ToolsPagesDeps, visit: Visit, error: DomainError, typed: Typed) => {
  const shown = { status: toProblem(error).status ?? 400, flash: { isGood: false, text: error.message } };
  const tool = (await deps.catalog.readTool(typed["id"] ?? ""))?.value;
  if (tool === undefined) return writeNew(deps, visit, { ...shown, typed });
  return writeTool(deps, visit, tool, { ...shown, ...("name" in typed ? { typed } : {}) });
};

/** `POST /admin/tools-actions/{action}`: does it and shows the tool. */
export const toolActionHttp = (deps: ToolsPagesDeps): HttpFunction => ({
  name: "dashboard-tools-action",
  method: "POST",
  route: "dashboard/tools-actions/{action}",
  access: "gateway",
  handler: deps.inVisit(async (visit, request): Promise<HttpResponseInit> => {
    const fields = await readForm(request, deps.publicOrigin, visit.session.formToken);
    const name = request.params["action"] ?? "";
    if (!isToolAction(name)) throw new DomainError("not-found", "There is no such action.");
    try {
      const id = await toolActions[name](deps, fields, fields["id"] ?? "");
      deps.catalogChanged();
      return redirect(doneAddress(visit, toolAddress(id), name, deps.clock()));
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      return writeRefusal(deps, visit, error, fields);
    }
  }),
});
