import type { IncomingMessage, ServerResponse } from "node:http";

import { z } from "zod";

import { organisationOf } from "./accounts.ts";
import type { LoggedEvent } from "./directory-database.ts";
import type { Directory, KnownAccount } from "./directory.ts";
import type { MachineTokens } from "./machine-user.ts";
import { Refusal, sendJson } from "../process/problem.ts";
import { readBody } from "./request-body.ts";
import { projectId } from "./seed.ts";

/** Answers the part of Zitadel's API that the platform reads. False: the path is none of it. */
export type ZitadelApi = (request: IncomingMessage, response: ServerResponse, path: string) => Promise<boolean>;

const usersPath = /^\/v2\/users\/([\w-]{1,64})$/;
const organisationsPath = "/v2/organizations/_search";
const authorizationsPath = "/zitadel.authorization.v2.AuthorizationService/ListAuthorizations";
const eventsPath = "/admin/v1/events/_search";
const eventsMax = 1000;

const IdFilter = z.object({ id: z.string() });
const OrganisationsQuery = z.object({ queries: z.tuple([z.object({ idQuery: IdFilter })]) });
const AuthorizationsQuery = z.object({
  filters: z.array(z.union([z.object({ userId: IdFilter }), z.object({ projectId: IdFilter })])),
});
const EventsQuery = z.object({
  asc: z.boolean().default(false),
  limit: z.int().min(1).max(eventsMax).default(100),
  aggregateId: z.string().optional(),
  aggregateTypes: z.array(z.string()).optional(),
  eventTypes: z.array(z.string()).optional(),
  creationDate: z.iso.datetime().optional(),
});

const states = { active: "USER_STATE_ACTIVE", inactive: "USER_STATE_INACTIVE", locked: "USER_STATE_LOCKED" } as const;

const userView = ({ sub, orgId, state, email, name }: KnownAccount) => {
  const [givenName = name, ...rest] = name.split(" ");
  const profile = { givenName, familyName: rest.join(" "), displayName: name, preferredLanguage: "en" };
  return {
    userId: sub,
    details: { sequence: "1", resourceOwner: orgId },
    state: states[state],
    username: email,
    loginNames: [email],
    preferredLoginName: email,
    human: { profile, email: { email, isVerified: true } },
  };
};

const eventView = (event: LoggedEvent) => ({
  editor: { userId: "LOGIN", service: "local" },
  aggregate: { id: event.aggregateId, type: { type: event.aggregateType }, resourceOwner: event.resourceOwner },
  sequence: String(event.sequence),
  creationDate: event.createdAt,
  ...(event.payload === undefined ? {} : { payload: event.payload }),
  type: { type: event.type },
});

const readQuery = async <T>(request: IncomingMessage, schema: z.ZodType<T>): Promise<T> => {
  if (request.method !== "POST") throw new Refusal(405, "method-not-allowed", "Use POST.");
  const text = await readBody(request, "application/json");
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    throw new Refusal(400, "invalid-argument", "This provider does not know such a search.");
  }
};

const searchers = (directory: Directory) => ({
  [organisationsPath]: async (request: IncomingMessage) => {
    const [{ idQuery }] = (await readQuery(request, OrganisationsQuery)).queries;
    const state = directory.organisationState(idQuery.id);
    if (state === undefined) return { details: { totalResult: "0" } };
    const { name, primaryDomain } = organisationOf(idQuery.id);
    const result = [{ id: idQuery.id, state: `ORGANIZATION_STATE_${state.toUpperCase()}`, name, primaryDomain }];
    return { details: { totalResult: "1" }, result };
  },
  [authorizationsPath]: async (request: IncomingMessage) => {
    const { filters } = await readQuery(request, AuthorizationsQuery);
    const userId = filters.flatMap((filter) => ("userId" in filter ? [filter.userId.id] : []))[0];
    const isOurs = filters.every((filter) => !("projectId" in filter) || filter.projectId.id === projectId);
    const grants = userId === undefined || !isOurs ? [] : directory.grantsOf(userId);
    const authorizations = grants.map(({ id, orgId, roles }) => ({
      ...{ id, state: "STATE_ACTIVE", project: { id: projectId }, organization: { id: orgId }, user: { id: userId } },
      roles: roles.map((key) => ({ key })),
    }));
    return { pagination: { totalResult: String(grants.length) }, authorizations };
  },
  [eventsPath]: async (request: IncomingMessage) => {
    const query = await readQuery(request, EventsQuery);
    return { events: directory.search(query).map(eventView) };
  },
});

export const makeZitadelApi = (directory: Directory, tokens: MachineTokens): ZitadelApi => {
  const search = new Map(Object.entries(searchers(directory)));
  return async (request, response, path) => {
    const [, userId] = usersPath.exec(path) ?? [];
    const searcher = search.get(path);
    if (userId === undefined && searcher === undefined) return false;
    await tokens.require(request);
    if (searcher !== undefined) sendJson(response, 200, await searcher(request));
    else {
      const user = directory.findBySub(userId ?? "");
      if (user === undefined) sendJson(response, 404, { code: 5, message: "User could not be found" });
      else sendJson(response, 200, { user: userView(user) });
    }
    return true;
  };
};
