import { z } from "zod";
import { groupBody } from "./arm-bodies.ts";
import { ArmError } from "./arm-error.ts";
import type { Deployments } from "./deployments.ts";
import { type ArmRequest, type ArmResponse, pathPattern, type Route } from "./http-server.ts";
import type { Instances } from "./instances.ts";
import { type GroupRecord, groupKey } from "./records.ts";
import type { State } from "./state.ts";

/** What the handlers of all routes work with. */
export interface RouteContext {
  readonly state: State;
  readonly instances: Instances;
  readonly deployments: Deployments;
  /** The version of PocketBase that instances run. */
  readonly version: string;
  /** The manager's own address; known once it listens. */
  readonly url: () => string;
}

const GroupRequest = z.object({
  location: z.string().min(1),
  tags: z.record(z.string(), z.string()).default({}),
});

const groupPath = "/subscriptions/{subscription}/resourcegroups/{group}";

/** The resource group that the path names. @throws ArmError ResourceGroupNotFound */
export const findGroup = ({ state }: RouteContext, { params }: ArmRequest): GroupRecord => {
  const { subscription = "", group = "" } = params;
  const found = state.groups.get(groupKey(subscription, group));
  if (found === undefined) throw new ArmError("ResourceGroupNotFound", `Resource group '${group}' could not be found.`);
  return found;
};

/** Where a client asks whether what it deleted is gone. */
export const goneLocation = ({ url }: RouteContext, id: string, { params, query }: ArmRequest): string =>
  `${url()}/subscriptions/${params["subscription"] ?? ""}/operationresults/${Buffer.from(id).toString("base64url")}` +
  `?api-version=${query.get("api-version") ?? ""}`;

const put = (context: RouteContext, { params, body }: ArmRequest): ArmResponse => {
  const { subscription: subscriptionId = "", group: name = "" } = params;
  if (!/^[-\w.()]{1,90}$/.test(name))
    throw new ArmError("InvalidRequestContent", `The resource group name '${name}' is not valid.`);
  const request = GroupRequest.safeParse(body);
  if (!request.success)
    throw new ArmError("InvalidRequestContent", "A resource group needs a location, tags are text.");
  const key = groupKey(subscriptionId, name);
  const existing = context.state.groups.get(key);
  if (existing !== undefined && existing.location !== request.data.location)
    throw new ArmError("Conflict", `The resource group '${name}' exists in '${existing.location}'.`);
  const group: GroupRecord = { subscriptionId, name: existing?.name ?? name, ...request.data };
  context.state.groups.put(key, group);
  return { status: existing === undefined ? 201 : 200, body: groupBody(group) };
};

/** Microsoft.Resources/resourceGroups: get, exists, create or update. */
export const groupRoutes = (context: RouteContext): readonly Route[] => {
  const pattern = pathPattern(groupPath);
  return [
    { method: "PUT", pattern, handle: (request) => put(context, request) },
    {
      method: "GET",
      pattern,
      handle: (request) => ({ status: 200, body: groupBody(findGroup(context, request)) }),
    },
    {
      method: "HEAD",
      pattern,
      handle: (request) => {
        findGroup(context, request);
        return { status: 204 };
      },
    },
  ];
};
