import { randomUUID } from "node:crypto";
import { z } from "zod";
import { operatorOrgId, projectId } from "../../../local/identity-provider/seed.ts";
import { jsonOf, send } from "./http-call.ts";

const Minted = z.object({ access_token: z.string() });
const orgClaim = "urn:zitadel:iam:user:resourceowner";

export interface TokenRequest {
  readonly email: string;
  readonly audience?: string;
  readonly expiresInSeconds?: number;
  readonly claims?: Readonly<Record<string, unknown>>;
}

/** An access token of the platform's own identity provider, saying what the test wants it to say. */
export const mintToken = async (identityProvider: string, json: TokenRequest): Promise<string> => {
  const answer = await send(identityProvider, { path: "/dev/token", json });
  if (answer.status !== 200) throw new Error(`No token: ${answer.status} ${answer.text}`);
  return Minted.parse(jsonOf(answer)).access_token;
};

/** The claims of a person of an organisation that nobody seeded; `adminOf` are organisations the person administers. */
export const claimsOf = (orgId: string, adminOf: readonly string[] = [orgId]): Readonly<Record<string, unknown>> => {
  const roles = {
    member: { [orgId]: "fresh.example" },
    ...(adminOf.length === 0 ? {} : { admin: Object.fromEntries(adminOf.map((org) => [org, "fresh.example"])) }),
  };
  return {
    sub: `person-${randomUUID()}`,
    email: `person@${orgId}.example`,
    [`${orgClaim}:id`]: orgId,
    [`${orgClaim}:name`]: orgId,
    [`${orgClaim}:primary_domain`]: `${orgId}.example`,
    [`urn:zitadel:iam:org:project:${projectId}:roles`]: roles,
    "urn:zitadel:iam:org:project:roles": roles,
  };
};

export const mintMember = (identityProvider: string, orgId: string, adminOf?: readonly string[]): Promise<string> =>
  mintToken(identityProvider, { email: "ben@acme.example", claims: claimsOf(orgId, adminOf) });

export const mintOperator = (identityProvider: string): Promise<string> =>
  mintToken(identityProvider, { email: "olivia@kombify.example", claims: claimsOf(operatorOrgId) });
