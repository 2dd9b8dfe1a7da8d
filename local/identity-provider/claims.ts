import { organisationOf } from "./accounts.ts";
import type { Account } from "./seed.ts";
import { projectId } from "./seed.ts";

/** Scope without which Zitadel does not name the person's organisation in a token (its claims page). */
export const resourceOwnerScope = "urn:zitadel:iam:user:resourceowner";
export const rolesScope = "urn:zitadel:iam:org:projects:roles";
export const projectAudienceScope = `urn:zitadel:iam:org:project:id:${projectId}:aud`;

export const resourceOwnerClaimNames = [
  `${resourceOwnerScope}:id`,
  `${resourceOwnerScope}:name`,
  `${resourceOwnerScope}:primary_domain`,
] as const;
export const roleClaimNames = [
  `urn:zitadel:iam:org:project:${projectId}:roles`,
  "urn:zitadel:iam:org:project:roles",
] as const;

/** `{ role: { orgId: primaryDomain } }`: a role counts only in the organisations below it. */
type RoleMap = Readonly<Record<string, Readonly<Record<string, string>>>>;

const roleMap = (account: Account): RoleMap => {
  const held = [...account.roles.map((role) => ({ role, orgId: account.orgId })), ...(account.foreignGrants ?? [])];
  const map: Record<string, Record<string, string>> = {};
  for (const { role, orgId } of held) map[role] = { ...map[role], [orgId]: organisationOf(orgId).primaryDomain };
  return map;
};

/** Zitadel leaves the role claims out when nothing is granted; it never writes an empty map. */
const roleClaims = (account: Account): Readonly<Record<string, RoleMap>> => {
  const map = roleMap(account);
  return Object.keys(map).length === 0 ? {} : Object.fromEntries(roleClaimNames.map((name) => [name, map]));
};

const resourceOwnerClaims = (account: Account): Readonly<Record<string, string>> => {
  const { orgId, name, primaryDomain } = organisationOf(account.orgId);
  const [idClaim, nameClaim, domainClaim] = resourceOwnerClaimNames;
  return { [idClaim]: orgId, [nameClaim]: name, [domainClaim]: primaryDomain };
};

/** Everything that can be said about a person; the ID token takes from it what the scopes ask for. */
export const personClaims = (account: Account): { readonly sub: string } & Readonly<Record<string, unknown>> => ({
  sub: account.sub,
  email: account.email,
  email_verified: true,
  name: account.name,
  preferred_username: account.email,
  ...resourceOwnerClaims(account),
  ...roleClaims(account),
});

export interface AccessTokenFacts {
  readonly account: Account;
  readonly issuer: string;
  /** The application the token was issued to. */
  readonly clientId: string;
  readonly tokenId: string;
  readonly issuedAtEpochSeconds: number;
  readonly expiresAtEpochSeconds: number;
  /** Whether `resourceOwnerScope` was asked for. */
  readonly namesResourceOwner: boolean;
}

/**
 * The payload of a JWT access token as Zitadel writes it, with project roles asserted on authentication, and `email`,
 * `email_verified` and `name` as our complement-token action adds them.
 */
export const accessTokenClaims = (facts: AccessTokenFacts): Record<string, unknown> => ({
  iss: facts.issuer,
  sub: facts.account.sub,
  aud: [facts.clientId, projectId],
  azp: facts.clientId,
  iat: facts.issuedAtEpochSeconds,
  nbf: facts.issuedAtEpochSeconds,
  exp: facts.expiresAtEpochSeconds,
  jti: facts.tokenId,
  ...(facts.namesResourceOwner ? resourceOwnerClaims(facts.account) : {}),
  ...roleClaims(facts.account),
  email: facts.account.email,
  email_verified: true,
  name: facts.account.name,
});
