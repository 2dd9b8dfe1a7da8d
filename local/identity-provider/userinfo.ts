import type { IncomingMessage, ServerResponse } from "node:http";

import { createLocalJWKSet, errors, jwtVerify } from "jose";
import type { JWTPayload } from "jose";

import type { KeyStore } from "./key-store.ts";
import { Refusal, sendJson } from "../process/problem.ts";

const protocolClaims = new Set(["iss", "aud", "azp", "exp", "iat", "nbf", "jti"]);

export interface UserinfoDeps {
  readonly issuer: string;
  readonly allowedOrigins: readonly string[];
  readonly keys: KeyStore;
}

export type Userinfo = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

const allowOrigin = (request: IncomingMessage, response: ServerResponse, allowed: readonly string[]): void => {
  const { origin } = request.headers;
  response.setHeader("vary", "Origin");
  if (origin === undefined || !allowed.includes(origin)) return;
  response.setHeader("access-control-allow-origin", origin);
  response.setHeader("access-control-expose-headers", "WWW-Authenticate");
};

const answerPreflight = (response: ServerResponse): void => {
  response.setHeader("access-control-allow-methods", "GET, POST");
  response.setHeader("access-control-allow-headers", "Authorization");
  response.setHeader("access-control-max-age", "3600");
  response.writeHead(204).end();
};

const verify = async (token: string, { issuer, keys }: UserinfoDeps): Promise<JWTPayload | undefined> => {
  const published = keys.published().map(({ kty, alg, use, kid, n, e }) => ({ kty, alg, use, kid, n, e }));
  try {
    const { payload } = await jwtVerify(token, createLocalJWKSet({ keys: published }), {
      issuer,
      algorithms: ["RS256"],
    });
    return payload;
  } catch (error) {
    if (error instanceof errors.JOSEError) return undefined;
    throw error;
  }
};

/** `GET|POST /oidc/v1/userinfo`: what the access token says about the person, without its protocol claims. */
export const makeUserinfo =
  (deps: UserinfoDeps): Userinfo =>
  async (request, response) => {
    allowOrigin(request, response, deps.allowedOrigins);
    if (request.method === "OPTIONS") {
      answerPreflight(response);
      return;
    }
    if (request.method !== "GET" && request.method !== "POST") {
      response.setHeader("allow", "GET, POST");
      throw new Refusal(405, "method-not-allowed", "Use GET or POST.");
    }
    const [, token] = /^Bearer +([\w.-]+)$/i.exec(request.headers.authorization ?? "") ?? [];
    const claims = token === undefined ? undefined : await verify(token, deps);
    if (claims?.sub === undefined) {
      response.setHeader("www-authenticate", token === undefined ? "Bearer" : 'Bearer error="invalid_token"');
      throw new Refusal(401, "invalid-token", "A valid access token of this provider is needed.");
    }
    sendJson(response, 200, Object.fromEntries(Object.entries(claims).filter(([name]) => !protocolClaims.has(name))));
  };
