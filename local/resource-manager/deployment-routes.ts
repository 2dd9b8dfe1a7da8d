import { deploymentBody, deploymentError, deploymentId, operationBodies } from "./arm-bodies.ts";
import { ArmError } from "./arm-error.ts";
import type { Operation } from "./fault-rules.ts";
import { quotaExceeded } from "./deployment-fault.ts";
import { findGroup, goneLocation, type RouteContext } from "./group-routes.ts";
import { type ArmRequest, type ArmResponse, pathPattern, type Route } from "./http-server.ts";
import { type DeploymentRecord, deploymentKey, groupKey, isFinal } from "./records.ts";
import { parseDeployment } from "./stack-instance-template.ts";
import { predictChanges } from "./what-if.ts";

const groupPath = "/subscriptions/{subscription}/resourcegroups/{group}";
const deploymentsPath = `${groupPath}/providers/Microsoft.Resources/deployments`;
const deploymentPath = `${deploymentsPath}/{deployment}`;

/** What clients are asked to wait between two polls; the shortest that ARM's header can say. */
const retryAfter = { "retry-after": "1" };

/** Of a deployment that goes on. */
const pollHeaders = (deployment: DeploymentRecord): Readonly<Record<string, string>> => {
  if (isFinal(deployment)) return {};
  const seconds = deployment.fault?.retryAfterSeconds;
  return seconds === undefined ? retryAfter : { "retry-after": String(seconds) };
};

const invalid = (name: string, details: readonly { readonly code: string; readonly message: string }[]) => ({
  code: "InvalidTemplateDeployment",
  message: `The template deployment '${name}' is not valid according to the validation procedure. See inner errors for details.`,
  details,
});

const nameOf = ({ params }: ArmRequest): string => {
  const name = params["deployment"] ?? "";
  if (!/^[-\w._()]{1,64}$/.test(name))
    throw new ArmError(
      "InvalidDeploymentName",
      `The deployment name '${name}' is not valid: 1 to 64 of - _ . ( ) \\w.`,
    );
  return name;
};

const keyOf = (context: RouteContext, request: ArmRequest): string => {
  const { subscriptionId, name } = findGroup(context, request);
  return deploymentKey(subscriptionId, name, nameOf(request));
};

const find = (context: RouteContext, request: ArmRequest): DeploymentRecord => {
  const found = context.state.deployments.get(keyOf(context, request));
  if (found === undefined)
    throw new ArmError("DeploymentNotFound", `Deployment '${nameOf(request)}' could not be found.`);
  return found;
};

const bodyOf = (context: RouteContext, deployment: DeploymentRecord): Record<string, unknown> =>
  deploymentBody(deployment, context.instances.view(deployment.parameters.instanceName), context.version);

const put = (context: RouteContext, request: ArmRequest): ArmResponse => {
  const group = findGroup(context, request);
  const name = nameOf(request);
  const isNew = context.state.deployments.get(deploymentKey(group.subscriptionId, group.name, name)) === undefined;
  const deployment = context.deployments.accept(group, name, parseDeployment(request.body, group), request.fault);
  const version = request.query.get("api-version") ?? "";
  const status = `${context.url()}${deploymentId(deployment)}/operationStatuses/${deployment.operationId}`;
  return {
    status: isNew ? 201 : 200,
    headers: { ...pollHeaders(deployment), "azure-asyncoperation": `${status}?api-version=${version}` },
    body: bodyOf(context, deployment),
  };
};

const operationStatus = (context: RouteContext, request: ArmRequest): ArmResponse => {
  const deployment = find(context, request);
  if (deployment.operationId !== request.params["operation"])
    throw new ArmError("DeploymentNotFound", "The deployment has been replaced by a newer one of the same name.");
  const { provisioningState, error } = deployment;
  return {
    status: 200,
    headers: pollHeaders(deployment),
    body: { status: provisioningState, ...(error === undefined ? {} : { error: deploymentError(error) }) },
  };
};

const get = (context: RouteContext, request: ArmRequest): ArmResponse => {
  const deployment = find(context, request);
  return { status: 200, headers: pollHeaders(deployment), body: bodyOf(context, deployment) };
};

const list = (context: RouteContext, request: ArmRequest): ArmResponse => {
  const { subscriptionId, name } = findGroup(context, request);
  const prefix = `${groupKey(subscriptionId, name)}/`;
  const all = context.state.deployments.list().filter(([key]) => key.startsWith(prefix));
  return { status: 200, body: { value: all.map(([, deployment]) => bodyOf(context, deployment)) } };
};

const remove = (context: RouteContext, request: ArmRequest): ArmResponse => {
  const key = keyOf(context, request);
  const deployment = context.state.deployments.get(key);
  if (deployment === undefined) return { status: 204 };
  context.deployments.requireInactive(key, deployment.name);
  context.state.deployments.delete(key);
  const location = goneLocation(context, deploymentId(deployment), request);
  return { status: 202, headers: { ...retryAfter, location } };
};

const cancel = (context: RouteContext, request: ArmRequest): ArmResponse => {
  find(context, request);
  context.deployments.cancel(keyOf(context, request));
  return { status: 204 };
};

const validate = (context: RouteContext, request: ArmRequest): ArmResponse => {
  const group = findGroup(context, request);
  const name = nameOf(request);
  const { parameters, tags } = parseDeployment(request.body, group);
  if (request.fault?.kind === "quota-exceeded") return { status: 400, body: { error: invalid(name, [quotaExceeded]) } };
  const now = new Date().toISOString();
  const wouldBe: DeploymentRecord = {
    subscriptionId: group.subscriptionId,
    resourceGroup: group.name,
    name,
    provisioningState: "Succeeded",
    operationId: "",
    createdAt: now,
    updatedAt: now,
    tags: { ...tags },
    parameters,
    steps: [],
  };
  return { status: 200, body: deploymentBody(wouldBe, undefined, context.version) };
};

const operations = (context: RouteContext, request: ArmRequest): ArmResponse => ({
  status: 200,
  body: { value: operationBodies(find(context, request)) },
});

const whatIf = (context: RouteContext, request: ArmRequest): ArmResponse => {
  const group = findGroup(context, request);
  const { parameters } = parseDeployment(request.body, group);
  const result =
    request.fault?.kind === "quota-exceeded"
      ? { status: "Failed", error: invalid(nameOf(request), [quotaExceeded]) }
      : { status: "Succeeded", properties: { changes: predictChanges(context, group, parameters) } };
  // The answer travels in the address: nothing to keep, and it survives a crash of the manager.
  const answer = Buffer.from(JSON.stringify(result)).toString("base64url");
  const path = `/subscriptions/${group.subscriptionId}/providers/Microsoft.Resources/whatIfResults/${answer}`;
  const location = `${context.url()}${path}?api-version=${request.query.get("api-version") ?? ""}`;
  return { status: 202, headers: { ...retryAfter, location } };
};

const readAnswer = (answer: string): unknown => {
  try {
    return JSON.parse(Buffer.from(answer, "base64url").toString("utf8"));
  } catch {
    throw new ArmError("InvalidRequestContent", "This is not the address of a what-if result.");
  }
};

const whatIfResult = ({ params }: ArmRequest): ArmResponse => ({
  status: 200,
  body: readAnswer(params["answer"] ?? ""),
});

/** Microsoft.Resources/deployments at the scope of a resource group. */
export const deploymentRoutes = (context: RouteContext): readonly Route[] => {
  const at = (
    method: Route["method"],
    path: string,
    operation: Operation,
    handle: (context: RouteContext, request: ArmRequest) => ArmResponse,
  ): Route => ({ method, pattern: pathPattern(path), operation, handle: (request) => handle(context, request) });
  return [
    at("PUT", deploymentPath, "deploy", put),
    at("GET", deploymentPath, "get", get),
    at("HEAD", deploymentPath, "get", (from, request) => {
      find(from, request);
      return { status: 204 };
    }),
    at("DELETE", deploymentPath, "delete", remove),
    at("GET", deploymentsPath, "list", list),
    at("POST", `${deploymentPath}/cancel`, "cancel", cancel),
    at("POST", `${deploymentPath}/validate`, "validate", validate),
    at("POST", `${deploymentPath}/whatIf`, "whatIf", whatIf),
    at("GET", `${deploymentPath}/operationStatuses/{operation}`, "poll", operationStatus),
    at("GET", `${groupPath}/deployments/{deployment}/operations`, "list", operations),
    at(
      "GET",
      "/subscriptions/{subscription}/providers/Microsoft.Resources/whatIfResults/{answer}",
      "poll",
      (_, request) => whatIfResult(request),
    ),
  ];
};
