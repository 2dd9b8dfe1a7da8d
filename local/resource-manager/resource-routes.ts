import { instanceType, resourceBody } from "./arm-bodies.ts";
import { ArmError } from "./arm-error.ts";
import { findGroup, goneLocation, type RouteContext } from "./group-routes.ts";
import { type ArmRequest, type ArmResponse, pathPattern, type Route } from "./http-server.ts";
import { groupKey, type InstanceRecord } from "./records.ts";
import { parseResourceFilter } from "./resource-filter.ts";

const groupPath = "/subscriptions/{subscription}/resourcegroups/{group}";
const resourcePath = `${groupPath}/providers/${instanceType}/{name}`;

/** The group's instance of this name, if it is there. @throws ArmError ResourceGroupNotFound */
const find = (context: RouteContext, request: ArmRequest): readonly [string, InstanceRecord] | undefined => {
  const group = findGroup(context, request);
  const name = (request.params["name"] ?? "").toLowerCase();
  const record = context.state.instances.get(name);
  if (record === undefined) return undefined;
  const isOfGroup =
    groupKey(record.subscriptionId, record.resourceGroup) === groupKey(group.subscriptionId, group.name);
  return isOfGroup ? [name, record] : undefined;
};

const bodyOf = (context: RouteContext, name: string, record: InstanceRecord): Record<string, unknown> => {
  const view = context.instances.view(name);
  if (view === undefined) throw new ArmError("ResourceNotFound", `The resource '${name}' was not found.`);
  return resourceBody(record, view);
};

const list = (context: RouteContext, request: ArmRequest): ArmResponse => {
  const group = findGroup(context, request);
  const matches = parseResourceFilter(request.query.get("$filter") ?? "");
  const mine = context.state.instances
    .list()
    .filter(
      ([, { subscriptionId, resourceGroup }]) =>
        groupKey(subscriptionId, resourceGroup) === groupKey(group.subscriptionId, group.name),
    )
    .filter(([name, { parameters }]) => matches({ name, type: instanceType, ...parameters }));
  return { status: 200, body: { value: mine.map(([name, record]) => bodyOf(context, name, record)) } };
};

const get = (context: RouteContext, request: ArmRequest): ArmResponse => {
  const found = find(context, request);
  if (found === undefined)
    throw new ArmError(
      "ResourceNotFound",
      `The resource '${instanceType}/${request.params["name"] ?? ""}' was not found.`,
    );
  return { status: 200, body: bodyOf(context, ...found) };
};

const remove = (context: RouteContext, request: ArmRequest): ArmResponse => {
  const found = find(context, request);
  if (found === undefined) return { status: 204 };
  const [name, record] = found;
  if (context.deployments.isBusy(name))
    throw new ArmError("Conflict", `A deployment works on '${name}': wait for it or cancel it.`);
  const { fault } = request;
  if (record.state !== "Deleting")
    context.instances.remove(name, fault?.kind === "slow-delete" ? fault.milliseconds : 0);
  const location = goneLocation(context, `instance:${name}`, request);
  return { status: 202, headers: { "retry-after": "1", location } };
};

const isGone = (context: RouteContext, request: ArmRequest): ArmResponse => {
  const id = Buffer.from(request.params["id"] ?? "", "base64url").toString("utf8");
  const state = id.startsWith("instance:")
    ? context.state.instances.get(id.slice("instance:".length))?.state
    : undefined;
  if (state !== "Deleting") return { status: 204 };
  const location = goneLocation(context, id, request);
  return { status: 202, headers: { "retry-after": "1", location } };
};

/** Stack instances as generic resources, and what the gateway reads. */
export const resourceRoutes = (context: RouteContext): readonly Route[] => {
  const resource = pathPattern(resourcePath);
  return [
    {
      method: "GET",
      pattern: pathPattern(`${groupPath}/resources`),
      operation: "list",
      handle: (request) => list(context, request),
    },
    { method: "GET", pattern: resource, operation: "get", handle: (request) => get(context, request) },
    {
      method: "HEAD",
      pattern: resource,
      operation: "get",
      handle: (request) => ({ status: find(context, request) === undefined ? 404 : 204 }),
    },
    { method: "DELETE", pattern: resource, operation: "delete", handle: (request) => remove(context, request) },
    {
      method: "GET",
      pattern: pathPattern("/subscriptions/{subscription}/operationresults/{id}"),
      operation: "poll",
      handle: (request) => isGone(context, request),
    },
    {
      method: "GET",
      pattern: /^\/dev\/instances$/,
      access: "open",
      handle: () => ({ status: 200, body: context.instances.list() }),
    },
  ];
};
