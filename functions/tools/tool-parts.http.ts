import type { EditToolParts } from "../../shared/tools/edit-tool-parts.ts";
import { EvaluationFields, ToolVersionFields } from "../../shared/tools/tool.ts";
import type { HttpFunction } from "../http/http-function.ts";
import { json } from "../http/http-function.ts";
import type { ReadCaller } from "../http/read-caller.ts";
import { readJson } from "../http/read-json.ts";

interface Deps {
  readonly readOperator: ReadCaller;
  readonly editToolParts: EditToolParts;
}

/** `POST /api/admin/tools/{toolId}/versions`: 201, 409 for a version that is there. */
export const addVersionHttp = ({ readOperator, editToolParts }: Deps): HttpFunction => ({
  name: "add-tool-version",
  method: "POST",
  route: "api/admin/tools/{toolId}/versions",
  access: "gateway",
  handler: async (request) => {
    await readOperator(request);
    const fields = await readJson(request, ToolVersionFields);
    await editToolParts.addVersion(request.params["toolId"] ?? "", fields);
    return json(201, fields);
  },
});

/** `DELETE /api/admin/tools/{toolId}/versions/{version}`: 204. */
export const removeVersionHttp = ({ readOperator, editToolParts }: Deps): HttpFunction => ({
  name: "remove-tool-version",
  method: "DELETE",
  route: "api/admin/tools/{toolId}/versions/{version}",
  access: "gateway",
  handler: async (request) => {
    await readOperator(request);
    const { toolId = "", version = "" } = request.params;
    await editToolParts.removeVersion(toolId, version);
    return { status: 204 };
  },
});

/** `POST /api/admin/tools/{toolId}/evaluations`: 201 with its id. */
export const addEvaluationHttp = ({ readOperator, editToolParts }: Deps): HttpFunction => ({
  name: "add-tool-evaluation",
  method: "POST",
  route: "api/admin/tools/{toolId}/evaluations",
  access: "gateway",
  handler: async (request) => {
    await readOperator(request);
    const fields = await readJson(request, EvaluationFields);
    const { id } = await editToolParts.addEvaluation(request.params["toolId"] ?? "", fields);
    return json(201, { id, ...fields });
  },
});

/** `DELETE /api/admin/tools/{toolId}/evaluations/{evaluationId}`: 204. */
export const removeEvaluationHttp = ({ readOperator, editToolParts }: Deps): HttpFunction => ({
  name: "remove-tool-evaluation",
  method: "DELETE",
  route: "api/admin/tools/{toolId}/evaluations/{evaluationId}",
  access: "gateway",
  handler: async (request) => {
    await readOperator(request);
    const { toolId = "", evaluationId = "" } = request.params;
    await editToolParts.removeEvaluation(toolId, evaluationId);
    return { status: 204 };
  },
});
