import { forged, user, type Scenario } from "./gateway-scenario.ts";
import { functionsKey, type TokenSpec } from "./gateway-stage.ts";

const now = () => Math.floor(Date.now() / 1000);

/** Tokens that must be refused, by the reason. */
const badTokens: readonly (readonly [string, TokenSpec])[] = [
  ["that expired", { claims: { exp: now() - 60 } }],
  ["without an expiry", { claims: { exp: undefined } }],
  ["that is not valid yet", { claims: { nbf: now() + 3600 } }],
  ["for another audience", { claims: { aud: "another" } }],
  ["for a list of other audiences", { claims: { aud: ["another", "third"] } }],
  ["without an audience", { claims: { aud: undefined } }],
  ["of another issuer", { claims: { iss: "https://evil.example" } }],
  ["without an issuer", { claims: { iss: undefined } }],
  ["without a subject", { claims: { sub: undefined } }],
  ["whose subject would split the header", { claims: { sub: "1\r\nX-Org-ID: 2" } }],
  ["with alg none and no signature", { header: { alg: "none" }, signature: "empty" }],
  ["with alg none and a signature", { header: { alg: "none" } }],
  ["with HS256 and the public key as secret", { header: { alg: "HS256" }, signature: "hmac-with-public-key" }],
  ["with RS256 but an HMAC as signature", { signature: "hmac-with-public-key" }],
  ["with RS512 in its header", { header: { alg: "RS512" } }],
  ["signed by a stranger under a known kid", { signature: "stranger" }],
  ["with an empty signature", { signature: "empty" }],
  ["whose claims were changed after signing", { signature: "of-other-claims" }],
  ["without a kid", { header: { kid: undefined } }],
  ["with a critical extension", { header: { crit: ["b64"], b64: false } }],
  ["that brings its own key", { header: { kid: undefined, jwk: { kty: "RSA" } }, signature: "stranger" }],
];

/** What happens to tokens. */
export const tokens: readonly Scenario[] = [
  { title: "refuses a request without a token", path: "/api/tenant", status: 401, code: "unauthenticated" },
  {
    title: "refuses a token in the query",
    path: "/api/tenant?jwt=a.b.c&access_token=a.b.c",
    status: 401,
    code: "unauthenticated",
  },
  {
    title: "refuses Basic credentials",
    path: "/api/tenant",
    headers: [["Authorization", "Basic YTpi"]],
    status: 401,
    code: "unauthenticated",
    responseHeaders: { "www-authenticate": "Bearer" },
  },
  {
    title: "refuses what only looks like a token",
    path: "/api/tenant",
    headers: [["Authorization", "Bearer e30.e30.e30"]],
    status: 401,
    code: "unauthenticated",
  },
  ...badTokens.map(([reason, token]) => ({
    title: `refuses a token ${reason}`,
    path: "/api/tenant",
    token,
    status: 401,
    code: "unauthenticated",
    responseHeaders: { "content-type": "application/problem+json" },
  })),
];

/** What happens to headers and keys a client brings along. */
export const identity: readonly Scenario[] = [
  {
    title: "replaces forged identity headers in every spelling by the token's",
    path: "/api/tenant",
    token: { claims: { sub: "user-2", email: "ada@example.com", "urn:zitadel:iam:user:resourceowner:id": "org-2" } },
    headers: forged("evil"),
    status: 200,
    upstream: {
      service: "functions",
      url: "/api/tenant",
      headers: {
        "x-user-id": "user-2",
        "x-user-email": "ada@example.com",
        "x-org-id": "org-2",
        "x-subscription-plan": undefined,
        "x-functions-key": functionsKey,
        "x-consumer-id": undefined,
        "x-ms-client-principal": undefined,
        "x-authenticated-userid": undefined,
      },
    },
  },
  {
    title: "passes the plan of the token as a hint",
    path: "/api/stack/context",
    token: { claims: { "urn:kombify:plan": "pro" } },
    status: 200,
    upstream: { service: "functions", url: "/api/stack/context", headers: { "x-subscription-plan": "pro" } },
  },
  {
    title: "strips forged identity headers on a public route and adds only the key",
    path: "/health",
    headers: forged("evil"),
    status: 200,
    upstream: {
      service: "functions",
      url: "/health",
      headers: {
        "x-user-id": undefined,
        "x-org-id": undefined,
        "x-user-email": undefined,
        "x-subscription-plan": undefined,
        "x-functions-key": functionsKey,
      },
    },
  },
  {
    title: "finds a forged header behind 900 others",
    path: "/health",
    headers: [...Array.from({ length: 900 }, (_, n) => [`X-F-${n}`, "1"] as const), ["X-User-ID", "evil"]],
    status: 200,
    upstream: { service: "functions", url: "/health", headers: { "x-user-id": undefined, "x-f-899": "1" } },
  },
  {
    title: "refuses a flood of headers",
    path: "/health",
    headers: Array.from({ length: 1100 }, (_, n) => [`X-F-${n}`, "1"] as const),
    status: 400,
  },
  {
    title: "forwards the token itself, for the functions to verify again",
    path: "/api/operations/1",
    token: user,
    status: 200,
    upstream: { service: "functions", url: "/api/operations/1", headers: { "x-user-id": "user-1" } },
  },
  {
    title: "removes the function key from the query in every spelling",
    path: "/api/operations/1?code=evil&a=1&CODE=evil&c%6Fde=evil&b=2",
    token: user,
    status: 200,
    upstream: { service: "functions", url: "/api/operations/1?a=1&b=2" },
  },
  {
    title: "removes the function key from the query of a public route",
    path: "/callback?code=evil&state=1",
    status: 200,
    upstream: { service: "functions", url: "/callback?state=1" },
  },
  {
    title: "names the real peer, whatever the client says it was forwarded for",
    path: "/health",
    headers: [
      ["X-Forwarded-For", "203.0.113.9"],
      ["X-Forwarded-Proto", "https"],
      ["X-Forwarded-Host", "evil.example"],
      ["X-Forwarded-User", "root"],
      ["X-Real-IP", "203.0.113.9"],
      ["Forwarded", "for=203.0.113.9"],
      ["X-Original-URL", "/api/admin"],
      ["X-HTTP-Method-Override", "DELETE"],
    ],
    status: 200,
    upstream: {
      service: "functions",
      url: "/health",
      headers: {
        "x-forwarded-proto": "http",
        "x-forwarded-user": undefined,
        forwarded: undefined,
        "x-original-url": undefined,
        "x-http-method-override": undefined,
      },
    },
  },
  {
    title: "does not let Connection switch an identity header off",
    path: "/api/tenant",
    token: user,
    headers: [["Connection", "keep-alive, X-User-ID, x-functions-key"]],
    status: 200,
    upstream: {
      service: "functions",
      url: "/api/tenant",
      headers: { "x-user-id": "user-1", "x-functions-key": functionsKey },
    },
  },
];
