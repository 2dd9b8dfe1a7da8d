import type { InvocationContext } from "@azure/functions";
import type { Caller } from "../../shared/gateway/caller.ts";
import type { Operation } from "../../shared/operations/operation.ts";
import { operationView } from "../../shared/operations/operation.ts";
import type { FindOperation } from "../../shared/tenants/control-operation.ts";
import type { HttpFunction } from "../http/http-function.ts";
import { json } from "../http/http-function.ts";
import type { ReadCaller } from "../http/read-caller.ts";

/** What can be done about one kind of operation. */
export interface OperationControls {
  readonly cancel: (caller: Caller, id: string, context: InvocationContext) => Promise<Operation>;
  readonly retry: (caller: Caller, id: string, context: InvocationContext) => Promise<Operation>;
}

interface Deps {
  readonly readCaller: ReadCaller;
  readonly findOperation: FindOperation;
  readonly operationControls: Readonly<Record<Operation["kind"], OperationControls>>;
}

/** `GET /api/operations/{id}`: state, steps, error and what may be done next. */
export const getOperationHttp = ({ readCaller, findOperation }: Deps): HttpFunction => ({
  name: "get-operation",
  method: "GET",
  route: "api/operations/{operationId}",
  access: "gateway",
  handler: async (request) => {
    const operation = await findOperation(await readCaller(request), request.params["operationId"] ?? "");
    return json(200, operationView(operation));
  },
});

const control =
  ({ readCaller, findOperation, operationControls }: Deps, wish: keyof OperationControls) =>
  async (request: Parameters<HttpFunction["handler"]>[0], context: InvocationContext): Promise<Operation> => {
    const caller = await readCaller(request);
    const { id, kind } = await findOperation(caller, request.params["operationId"] ?? "");
    return operationControls[kind][wish](caller, id, context);
  };

/** `POST /api/operations/{id}/cancel`: 200 with the operation, which may still be stopping. */
export const cancelOperationHttp = (deps: Deps): HttpFunction => ({
  name: "cancel-operation",
  method: "POST",
  route: "api/operations/{operationId}/cancel",
  access: "gateway",
  startsWorkflows: true,
  handler: async (request, context) => json(200, operationView(await control(deps, "cancel")(request, context))),
});

/** `POST /api/operations/{id}/retry`: 202 with the new operation. */
export const retryOperationHttp = (deps: Deps): HttpFunction => ({
  name: "retry-operation",
  method: "POST",
  route: "api/operations/{operationId}/retry",
  access: "gateway",
  startsWorkflows: true,
  handler: async (request, context) => {
    const operation = await control(deps, "retry")(request, context);
    return json(202, operationView(operation), { location: `/api/operations/${operation.id}` });
  },
});
