import type { IncomingMessage } from "node:http";
import { compactVerify, decodeProtectedHeader } from "jose";
import { bearerToken, claimFault, identityHeaders, keyIdOf } from "./claims.ts";
import type { PluginConfig } from "./kong-document.ts";
import { KeysUnavailable, makeJwksCache, type FindKey } from "./jwks-cache.ts";
import { GatewayProblem } from "./problem.ts";

/** What `kombify-auth` decides about a request: headers to set upstream and, with a token, whom to count it for. */
export interface Admission {
  readonly headers: Readonly<Record<string, string>>;
  readonly credentialId: string | undefined;
}

export type Admit = (config: PluginConfig<"kombify-auth">, request: IncomingMessage) => Promise<Admission>;

type RequiredConfig = Extract<PluginConfig<"kombify-auth">, { mode: "required" }>;

const refusal = (challenge: string): GatewayProblem =>
  new GatewayProblem("unauthenticated", "A valid access token is required.", {
    headers: { "www-authenticate": challenge },
  });

const invalidToken = (): GatewayProblem => refusal('Bearer error="invalid_token"');

const headerOf = (token: string): Readonly<Record<string, unknown>> => {
  try {
    return { ...decodeProtectedHeader(token) };
  } catch {
    throw invalidToken();
  }
};

/** The header that tells the upstream that the gateway speaks; which key it is, is the route's decision. */
const proofOf = ({ functions_key, gateway_key }: PluginConfig<"kombify-auth">): Readonly<Record<string, string>> => ({
  ...(functions_key === undefined ? {} : { "x-functions-key": functions_key }),
  ...(gateway_key === undefined ? {} : { "x-kombify-gateway-key": gateway_key }),
});

const isMembers = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const verifiedClaims = async (token: string, findKey: FindKey): Promise<Readonly<Record<string, unknown>>> => {
  const kid = keyIdOf(headerOf(token));
  if (kid === undefined) throw invalidToken();
  const key = await findKey(kid);
  if (key === undefined) throw invalidToken();
  try {
    const { payload } = await compactVerify(token, key, { algorithms: ["RS256"] });
    const claims: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(payload));
    if (isMembers(claims)) return claims;
  } catch {
    // Every failure of a check means the same to the caller; which one it was helps only an attacker.
    throw invalidToken();
  }
  throw invalidToken();
};

/** `kombify-auth` as kong/plugins/kombify-auth/handler.lua has it; keys are cached per `jwks_uri`. */
export const makeAdmit = (nowMilliseconds: () => number): Admit => {
  const caches = new Map<string, FindKey>();
  const cacheOf = (uri: string): FindKey => {
    const cache = caches.get(uri) ?? makeJwksCache(uri, nowMilliseconds);
    caches.set(uri, cache);
    return cache;
  };
  const authenticate = async (config: RequiredConfig, request: IncomingMessage) => {
    const token = bearerToken(request.headers.authorization);
    if (token === undefined) throw refusal("Bearer");
    const claims = await verifiedClaims(token, cacheOf(config.jwks_uri));
    const { issuer, audiences } = config;
    const fault = claimFault(claims, { issuer, audiences, nowEpochSeconds: nowMilliseconds() / 1000 });
    if (fault !== undefined) throw invalidToken();
    return identityHeaders(claims);
  };

  return async (config, request) => {
    const key = proofOf(config);
    if (config.mode === "strip") return { headers: key, credentialId: undefined };
    try {
      const identity = await authenticate(config, request);
      return { headers: { ...key, ...identity }, credentialId: identity["X-User-ID"] };
    } catch (error) {
      if (!(error instanceof KeysUnavailable)) throw error;
      throw new GatewayProblem("identity-provider-unavailable", "Sign-in cannot be checked at the moment.", {
        cause: error,
        headers: { "retry-after": "5" },
      });
    }
  };
};
