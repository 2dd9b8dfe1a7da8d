import { z } from "zod";
import type { DirectoryEvent, DirectoryUser } from "../../users/directory.ts";
import type { Grant } from "../../users/user.ts";

// Zitadel's API in JSON: members that hold their default are left out, numbers of 64 bits are texts.

const Text = z.string().min(1).optional().catch(undefined);

/** `GET /v2/users/{id}` (proto zitadel.user.v2). */
const UserAnswer = z.object({
  user: z.object({
    state: z.string().default("USER_STATE_UNSPECIFIED"),
    details: z.object({ resourceOwner: z.string().min(1) }),
    human: z
      .object({
        profile: z.object({ displayName: Text, givenName: Text, familyName: Text }).optional(),
        email: z.object({ email: Text }).optional(),
      })
      .optional(),
    machine: z.unknown().optional(),
  }),
});

/** `INITIAL` has not set a password yet, which is no reason to refuse who signs in otherwise. */
const activeStates: readonly string[] = ["USER_STATE_ACTIVE", "USER_STATE_INITIAL"];

/** Undefined for a user who is marked as deleted. */
export const userOf = (body: unknown): DirectoryUser | undefined => {
  const { state, details, human } = UserAnswer.parse(body).user;
  if (state === "USER_STATE_DELETED") return undefined;
  const { displayName, givenName, familyName } = human?.profile ?? {};
  return {
    kind: human === undefined ? "machine" : "person",
    isActive: activeStates.includes(state),
    orgId: details.resourceOwner,
    email: human?.email?.email,
    name: displayName ?? ([givenName, familyName].filter((part) => part !== undefined).join(" ") || undefined),
  };
};

/** `ListAuthorizations` (proto zitadel.authorization.v2). */
const AuthorizationsAnswer = z.object({
  pagination: z.object({ totalResult: z.coerce.number().default(0) }).optional(),
  authorizations: z
    .array(
      z.object({
        id: z.string(),
        state: z.string().default(""),
        organization: z.object({ id: z.string() }),
        roles: z.array(z.object({ key: z.string() })).default([]),
      }),
    )
    .default([]),
});

export const grantsOf = (body: unknown): readonly Grant[] =>
  AuthorizationsAnswer.parse(body)
    .authorizations.filter(({ state }) => state === "STATE_ACTIVE")
    .map(({ id, organization, roles }) => ({ id, orgId: organization.id, roles: roles.map(({ key }) => key).sort() }))
    .sort((one, other) => (one.id < other.id ? -1 : 1));

/** `POST /v2/organizations/_search` (proto zitadel.org.v2). */
const OrganisationsAnswer = z.object({
  result: z.array(z.object({ id: z.string(), state: z.string().default("") })).default([]),
});

export const organisationStateOf = (body: unknown, orgId: string): "active" | "inactive" | undefined => {
  const found = OrganisationsAnswer.parse(body).result.find(({ id }) => id === orgId);
  if (found === undefined || found.state === "ORGANIZATION_STATE_REMOVED") return undefined;
  return found.state === "ORGANIZATION_STATE_ACTIVE" ? "active" : "inactive";
};

/** `POST /admin/v1/events/_search` (proto zitadel.event.v1). */
const EventsAnswer = z.object({
  events: z
    .array(
      z.object({
        aggregate: z.object({
          id: z.string(),
          type: z.object({ type: z.string() }),
          resourceOwner: z.string().default(""),
        }),
        sequence: z.coerce.number().int().nonnegative().default(0),
        creationDate: z.string().transform((text) => new Date(text).toISOString()),
        payload: z.unknown().optional(),
        type: z.object({ type: z.string() }),
      }),
    )
    .default([]),
});

export const eventsOf = (body: unknown): readonly DirectoryEvent[] =>
  EventsAnswer.parse(body).events.map(({ aggregate, sequence, creationDate, payload, type }) => ({
    aggregateType: aggregate.type.type,
    aggregateId: aggregate.id,
    resourceOwner: aggregate.resourceOwner,
    sequence,
    type: type.type,
    createdAt: creationDate,
    payload,
  }));
