import type { IncomingMessage } from "node:http";

import { z } from "zod";

import type { Directory, KnownAccount } from "./directory.ts";
import { organisationActions, userActions } from "./directory.ts";
import type { EventDelivery } from "./event-delivery.ts";
import { Refusal } from "../process/problem.ts";
import { readBody } from "./request-body.ts";
import { Role } from "./seed.ts";

const Email = z.string().min(3).max(320);
const OrgId = z.string().regex(/^[\w-]{1,64}$/);
const UserChange = z.union([
  z.strictObject({ email: Email, action: z.enum(userActions) }),
  z.strictObject({ email: Email, action: z.literal("add"), name: z.string().min(1).max(200), orgId: OrgId }),
]);
const OrganisationChange = z.strictObject({ orgId: OrgId, action: z.enum(organisationActions) });
const GrantChange = z.strictObject({ email: Email, orgId: OrgId.optional(), roles: z.array(Role).max(2) });
const DeliveryChange = z.strictObject({ isHeld: z.boolean() });

export interface DevDirectoryDeps {
  readonly directory: Directory;
  readonly delivery: EventDelivery;
}

export const devDirectoryPaths = ["/dev/users", "/dev/organisations", "/dev/grants", "/dev/deliveries"] as const;
export type DevDirectoryPath = (typeof devDirectoryPaths)[number];

export const parseDevBody = async <T>(request: IncomingMessage, schema: z.ZodType<T>): Promise<T> => {
  let raw: unknown;
  try {
    raw = JSON.parse(await readBody(request, "application/json"));
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw new Refusal(400, "invalid-input", "The body is not JSON.");
  }
  const parsed = schema.safeParse(raw);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map(({ path, message }) => `${path.join(".") || "body"}: ${message}`);
  throw new Refusal(400, "invalid-input", issues.join("; "));
};

const personOf = (directory: Directory, email: string): KnownAccount => {
  const account = directory.findByEmail(email);
  if (account === undefined) throw new Refusal(400, "unknown-person", "Nobody has this email.");
  return account;
};

/** Changes people, organisations and grants as their administrators would in Zitadel; answers what came of it. */
export const changeDirectory = async (
  { directory, delivery }: DevDirectoryDeps,
  request: IncomingMessage,
  path: DevDirectoryPath,
): Promise<Readonly<Record<string, unknown>>> => {
  switch (path) {
    case "/dev/users": {
      const change = await parseDevBody(request, UserChange);
      if (change.action === "add") return { sub: directory.addUser(change).sub };
      const { sub } = personOf(directory, change.email);
      directory.changeUser(sub, change.action);
      return { sub };
    }
    case "/dev/organisations": {
      const { orgId, action } = await parseDevBody(request, OrganisationChange);
      directory.changeOrganisation(orgId, action);
      return { orgId };
    }
    case "/dev/grants": {
      const { email, orgId, roles } = await parseDevBody(request, GrantChange);
      const person = personOf(directory, email);
      directory.changeGrant(person.sub, orgId ?? person.orgId, roles);
      return { sub: person.sub };
    }
    case "/dev/deliveries": {
      const { isHeld } = await parseDevBody(request, DeliveryChange);
      delivery.hold(isHeld);
      return { isHeld };
    }
  }
};
