import { anyObject, number, optional, shape, text } from "../../page/shape.ts";
import { fromBase64url } from "./base64url.ts";

const owner = "urn:zitadel:iam:user:resourceowner";
const roles = "urn:zitadel:iam:org:project:roles";

const readClaims = shape({
  iss: text,
  sub: text,
  exp: number,
  nonce: text,
  name: optional(text),
  email: optional(text),
  [`${owner}:id`]: optional(text),
  [`${owner}:name`]: optional(text),
  [roles]: optional(anyObject),
});

/** Who is signed in, as the page shows it. The server decides by the access token alone. */
export interface Person {
  readonly name: string;
  readonly email: string;
  readonly organisation: string;
  readonly isAdministrator: boolean;
  /** An administrator of the organisation that operates the platform. */
  readonly isOperator: boolean;
}

export interface ExpectedIdToken {
  readonly issuer: string;
  readonly clientId: string;
  readonly operatorOrgId: string;
  readonly nonce: string;
  readonly nowEpochSeconds: number;
}

const clockSkewSeconds = 120;

/** Whether the administrator's role is held in the person's own organisation; elsewhere it is worth nothing here. */
const isAdministratorAt = (held: Readonly<Record<string, unknown>> | undefined, organisationId: string | undefined) =>
  organisationId !== undefined && Object.hasOwn(anyObject(held?.["admin"] ?? {}), organisationId);

/**
 * Reads an ID token that came straight from the token endpoint; there TLS stands in for the signature (OpenID Connect
 * Core 3.1.3.7, rule 6). @throws Error when the token is not the answer to this sign-in
 */
export const readIdToken = (token: string, expected: ExpectedIdToken): Person => {
  const payload: unknown = JSON.parse(fromBase64url(token.split(".")[1] ?? ""));
  const claims = readClaims(payload);
  const audiences = [anyObject(payload)["aud"]].flat();
  const isOurs =
    claims.iss === expected.issuer &&
    audiences.includes(expected.clientId) &&
    claims.nonce === expected.nonce &&
    claims.exp > expected.nowEpochSeconds - clockSkewSeconds;
  if (!isOurs) throw new Error("The ID token does not belong to this sign-in.");
  const isAdministrator = isAdministratorAt(claims[roles], claims[`${owner}:id`]);
  return {
    name: claims.name ?? claims.email ?? claims.sub,
    email: claims.email ?? "",
    organisation: claims[`${owner}:name`] ?? "",
    isAdministrator,
    isOperator: isAdministrator && claims[`${owner}:id`] === expected.operatorOrgId,
  };
};
