/** The twin of kong/plugins/kombify-auth/claims.lua: pure, and held to the same claims.cases.json. */

const strippedNames = new Set([
  "forwarded",
  "x-anonymous-consumer",
  "x-credential-identifier",
  "x-functions-clientid",
  "x-functions-key",
  "x-http-method",
  "x-http-method-override",
  "x-kombify-gateway-key",
  "x-method-override",
  "x-org-id",
  "x-original-host",
  "x-original-url",
  "x-real-ip",
  "x-rewrite-url",
  "x-subscription-plan",
  "x-user-email",
  "x-user-id",
]);
const strippedPrefixes = ["x-authenticated-", "x-consumer-", "x-forwarded-", "x-ms-client-principal", "x-ms-token-"];

/** Whether a client's header must not reach an upstream: identity, keys, forwarding facts, and any `_` spelling. */
export const isStrippedHeader = (name: string): boolean => {
  if (name.includes("_")) return true;
  const normalised = name.toLowerCase();
  return strippedNames.has(normalised) || strippedPrefixes.some((prefix) => normalised.startsWith(prefix));
};

/**
 * Whether what comes after the request line can be read in one way only: a request that asks for a WebSocket has no body.
 * A server that switches protocols may skip a body and take it for the first frames.
 */
export const isPlainUpgrade = (
  upgrade: string | undefined,
  contentLength: string | undefined,
  transferEncoding: string | undefined,
): boolean => {
  if (upgrade?.toLowerCase() !== "websocket") return true;
  return transferEncoding === undefined && (contentLength === undefined || contentLength === "0");
};

const decodedName = (pair: string): string =>
  (pair.split("=", 1)[0] ?? "")
    .replaceAll("+", " ")
    .replaceAll(/%([\dA-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    .toLowerCase();

/** The query without `code`, which Azure Functions reads as a key; in whatever case or escape it is spelled. */
export const withoutFunctionCode = (rawQuery: string): string =>
  rawQuery
    .split("&")
    .filter((pair) => decodedName(pair) !== "code")
    .join("&");

/** The compact JWS of `Authorization: Bearer`, at most 8192 characters; undefined when there is none. */
export const bearerToken = (authorization: string | undefined): string | undefined => {
  if (authorization === undefined || authorization.length > 8200) return undefined;
  return /^bearer +([\w-]+\.[\w-]+\.[\w-]+) *$/i.exec(authorization)?.[1];
};

const developmentHosts = new Set(["127.0.0.1", "localhost", "host.docker.internal"]);

/** Keys are fetched over TLS; plain http only from the machine itself (development). */
export const isAcceptableJwksUri = (uri: string): boolean =>
  /^https:\/\/[A-Za-z0-9.-]+/.test(uri) || developmentHosts.has(/^http:\/\/([A-Za-z0-9.-]+)[:/]/.exec(uri)?.[1] ?? "");

type Members = Readonly<Record<string, unknown>>;

/** The key id of an acceptable protected header: RS256 only, a `kid`, no critical extensions. */
export const keyIdOf = (header: Members): string | undefined => {
  const { alg, kid, crit } = header;
  const isAcceptable = alg === "RS256" && crit === undefined && typeof kid === "string";
  return isAcceptable && kid.length >= 1 && kid.length <= 256 ? kid : undefined;
};

export interface ExpectedClaims {
  readonly issuer: string;
  readonly audiences: readonly string[];
  readonly nowEpochSeconds: number;
}

/** How far the clocks of the identity provider and the gateway may differ, in seconds. */
const leewaySeconds = 10;
const identifierPattern = /^[A-Za-z0-9][A-Za-z0-9._:@|-]{0,127}$/;
const organisationClaim = "urn:zitadel:iam:user:resourceowner:id";
const planClaim = "urn:kombify:plan";

const isIdentifier = (value: unknown): value is string => typeof value === "string" && identifierPattern.test(value);

const hasAudience = (audience: unknown, accepted: readonly string[]): boolean => {
  const audiences: readonly unknown[] = Array.isArray(audience) ? audience : [audience];
  return audiences.some((each) => typeof each === "string" && accepted.includes(each));
};

const timeFault = ({ exp, nbf, iat }: Members, now: number): string | undefined => {
  if (typeof exp !== "number") return "exp";
  if (exp + leewaySeconds <= now) return "expired";
  if (nbf !== undefined && (typeof nbf !== "number" || nbf - leewaySeconds > now)) return "nbf";
  if (iat !== undefined && (typeof iat !== "number" || iat - leewaySeconds > now)) return "iat";
  return undefined;
};

/** Why the claims of a correctly signed token are not acceptable; undefined when they are. */
export const claimFault = (claims: Members, expected: ExpectedClaims): string | undefined => {
  if (claims["iss"] !== expected.issuer) return "iss";
  if (!hasAudience(claims["aud"], expected.audiences)) return "aud";
  const fault = timeFault(claims, expected.nowEpochSeconds);
  if (fault !== undefined) return fault;
  if (!isIdentifier(claims["sub"])) return "sub";
  const organisation = claims[organisationClaim];
  return organisation === undefined || isIdentifier(organisation) ? undefined : "org";
};

/** Contract C2: the identity headers of accepted claims. A claim that is absent or unfit for a header sets none. */
export const identityHeaders = (claims: Members): Readonly<Record<string, string>> => {
  const headers: Record<string, string> = {};
  const { sub, email } = claims;
  const organisation = claims[organisationClaim];
  const plan = claims[planClaim];
  if (isIdentifier(sub)) headers["X-User-ID"] = sub;
  if (typeof email === "string" && email.length <= 254 && /^[!-~]+@[!-~]+$/.test(email))
    headers["X-User-Email"] = email;
  if (isIdentifier(organisation)) headers["X-Org-ID"] = organisation;
  if (typeof plan === "string" && /^[a-z][a-z0-9-]{0,31}$/.test(plan)) headers["X-Subscription-Plan"] = plan;
  return headers;
};
