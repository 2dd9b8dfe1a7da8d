import type { Caller } from "../../shared/gateway/caller.ts";
import type { Operation } from "../../shared/operations/operation.ts";
import { operationView } from "../../shared/operations/operation.ts";
import type { FindOperation, RetryOperation } from "../../shared/tenants/control-operation.ts";
import type { HttpFunction } from "../http/http-function.ts";
import { json } from "../http/http-function.ts";
import type { ReadCaller } from "../http/read-caller.ts";
import type { ScaleOutOf } from "../http/workflows.ts";

interface Deps {
  readonly readCaller: ReadCaller;
  readonly findOperation: FindOperation;
  readonly cancelOperation: FindOperation;
  readonly retryOperation: RetryOperation;
  readonly scaleOutOf: ScaleOutOf;
}

const onOperation = (
  readCaller: ReadCaller,
  act: (caller: Caller, id: string) => Promise<Operation>,
): HttpFunction["handler"] => {
  return async (request) => {
    const operation = await act(await readCaller(request), request.params["operationId"] ?? "");
    return json(200, operationView(operation));
  };
};

/** `GET /api/operations/{id}`: state, steps, error and what may be done next. */
export const getOperationHttp = ({ readCaller, findOperation }: Deps): HttpFunction => ({
  name: "get-operation",
  method: "GET",
  route: "api/operations/{operationId}",
  access: "gateway",
  handler: onOperation(readCaller, findOperation),
});

/** `POST /api/operations/{id}/cancel` */
export const cancelOperationHttp = ({ readCaller, cancelOperation }: Deps): HttpFunction => ({
  name: "cancel-operation",
  method: "POST",
  route: "api/operations/{operationId}/cancel",
  access: "gateway",
  handler: onOperation(readCaller, cancelOperation),
});

/** `POST /api/operations/{id}/retry`: 202 with the new operation. */
export const retryOperationHttp = ({ readCaller, retryOperation, scaleOutOf }: Deps): HttpFunction => ({
  name: "retry-operation",
  method: "POST",
  route: "api/operations/{operationId}/retry",
  access: "gateway",
  startsWorkflows: true,
  handler: async (request, context) => {
    const caller = await readCaller(request);
    const operation = await retryOperation(caller, request.params["operationId"] ?? "", scaleOutOf(context));
    return json(202, operationView(operation), { location: `/api/operations/${operation.id}` });
  },
});
