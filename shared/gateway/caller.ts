import { z } from "zod";
import { DomainError } from "../kernel/errors.ts";

/** Who is calling, as proven by a verified access token. */
export interface Caller {
  /** Zitadel subject. */
  readonly sub: string;
  readonly email?: string;
  readonly name?: string;
  /** The organisation that owns the person, if the token names one. */
  readonly orgId?: string;
  readonly orgName?: string;
  /** Administrator of the own organisation. A role granted for another organisation does not count. */
  readonly isOrganisationAdmin: boolean;
  /** Administrator of the organisation that operates the platform. */
  readonly isOperator: boolean;
  /** When the token was issued, in unix seconds: what is known since is newer. */
  readonly issuedAtEpochSeconds?: number;
}

/** Where role claims are read from: Zitadel's project and the organisation that operates the platform. */
export interface CallerRules {
  readonly projectId: string;
  readonly operatorOrgId: string;
}

const orgClaim = "urn:zitadel:iam:user:resourceowner";
const RoleMap = z.record(z.string(), z.record(z.string(), z.unknown()));
const Text = z.string().min(1).max(320);
const Claims = z.object({
  sub: z.string().regex(/^[\w.@|:-]{1,128}$/),
  email: Text.optional().catch(undefined),
  name: Text.optional().catch(undefined),
  iat: z.number().optional().catch(undefined),
  [`${orgClaim}:id`]: z
    .string()
    .regex(/^[\w-]{1,64}$/)
    .optional(),
  [`${orgClaim}:name`]: Text.optional().catch(undefined),
});

/** Claims are looked up one by one: a role map is worth only what it says for the organisation asked about. */
const hasRole = (claims: Readonly<Record<string, unknown>>, rules: CallerRules, role: string, orgId: string): boolean =>
  [`urn:zitadel:iam:org:project:${rules.projectId}:roles`, "urn:zitadel:iam:org:project:roles"].some((claim) => {
    const roles = RoleMap.safeParse(claims[claim]);
    return roles.success && Object.hasOwn(roles.data, role) && Object.hasOwn(roles.data[role] ?? {}, orgId);
  });

/** Reads the caller out of verified claims (contract C2; shapes: Zitadel's claims page).
 * @throws DomainError `unauthenticated` when the token's identity claims are malformed */
export const callerFromClaims = (claims: Readonly<Record<string, unknown>>, rules: CallerRules): Caller => {
  const parsed = Claims.safeParse(claims);
  if (!parsed.success) throw new DomainError("unauthenticated", "The access token's identity claims are malformed.");
  const { sub, email, name, iat, [`${orgClaim}:id`]: orgId, [`${orgClaim}:name`]: orgName } = parsed.data;
  const isAdminOf = (org: string): boolean => hasRole(claims, rules, "admin", org);
  return {
    sub,
    ...(email === undefined ? {} : { email }),
    ...(name === undefined ? {} : { name }),
    ...(orgId === undefined ? {} : { orgId }),
    ...(orgName === undefined ? {} : { orgName }),
    isOrganisationAdmin: orgId !== undefined && isAdminOf(orgId),
    isOperator: orgId === rules.operatorOrgId && isAdminOf(rules.operatorOrgId),
    ...(iat === undefined ? {} : { issuedAtEpochSeconds: iat }),
  };
};

/** @throws DomainError `forbidden` unless the caller operates the platform */
export const requireOperator = (caller: Caller): void => {
  if (!caller.isOperator) {
    throw new DomainError("forbidden", "This needs the role admin in the organisation that operates the platform.");
  }
};

/** @throws DomainError `organisation-missing` when the token names no organisation */
export const requireOrganisation = (caller: Caller): string => {
  if (caller.orgId !== undefined) return caller.orgId;
  throw new DomainError(
    "organisation-missing",
    "The access token names no organisation. Sign in with the scope urn:zitadel:iam:user:resourceowner.",
  );
};
