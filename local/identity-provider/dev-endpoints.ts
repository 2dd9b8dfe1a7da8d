import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";

import { SignJWT } from "jose";
import { z } from "zod";

import { findByEmail } from "./accounts.ts";
import { accessTokenClaims } from "./claims.ts";
import type { KeyStore } from "./key-store.ts";
import { Refusal, sendJson } from "./problem.ts";
import { readBody } from "./request-body.ts";
import { seededAccounts } from "./seed.ts";

const tenYearsSeconds = 315_360_000;
const Audience = z.string().min(1);

const TokenRequest = z.strictObject({
  email: z.string().min(1),
  audience: z.union([Audience, z.array(Audience).min(1).max(50)]).optional(),
  /** Negative for a token that is expired already. */
  expiresInSeconds: z.int().min(-tenYearsSeconds).max(tenYearsSeconds).optional(),
  /** Added to the token or put in place of its own claims, `exp` included; `null` takes a claim out. */
  claims: z.record(z.string(), z.json()).optional(),
});

export interface DevEndpointDeps {
  readonly issuer: string;
  readonly accessTokenSeconds: number;
  readonly keys: KeyStore;
  /** Activates the next key everywhere; returns the new active `kid`. */
  readonly rotateKeys: () => Promise<string>;
  readonly now: () => Date;
}

export type DevEndpoints = (request: IncomingMessage, response: ServerResponse, path: string) => Promise<void>;

const parseTokenRequest = (text: string): z.infer<typeof TokenRequest> => {
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch {
    throw new Refusal(400, "invalid-input", "The body is not JSON.");
  }
  const parsed = TokenRequest.safeParse(raw);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map(({ path, message }) => `${path.join(".") || "body"}: ${message}`);
  throw new Refusal(400, "invalid-input", issues.join("; "));
};

const mintToken = async (deps: DevEndpointDeps, body: z.infer<typeof TokenRequest>) => {
  const account = findByEmail(body.email);
  if (account === undefined) {
    const known = seededAccounts.map(({ email }) => email).join(", ");
    throw new Refusal(400, "unknown-person", `Nobody seeded has the email "${body.email}". There are: ${known}.`);
  }
  const expiresInSeconds = body.expiresInSeconds ?? deps.accessTokenSeconds;
  const nowSeconds = Math.floor(deps.now().getTime() / 1000);
  const expiresAt = nowSeconds + expiresInSeconds;
  const claims: Record<string, unknown> = {
    ...accessTokenClaims({
      account,
      issuer: deps.issuer,
      tokenId: randomUUID(),
      // An expired token must have been good once, or a verifier may refuse it for the wrong reason.
      issuedAtEpochSeconds: expiresInSeconds > 0 ? nowSeconds : expiresAt - deps.accessTokenSeconds,
      expiresAtEpochSeconds: expiresAt,
      namesResourceOwner: true,
    }),
    ...(body.audience === undefined ? {} : { aud: body.audience }),
    ...body.claims,
  };
  const kept = Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== null));
  const { kid, key } = await deps.keys.active();
  const token = await new SignJWT(kept).setProtectedHeader({ alg: "RS256", kid, typ: "JWT" }).sign(key);
  return { access_token: token, expires_in: expiresInSeconds, token_type: "Bearer" };
};

/** `POST /dev/token` and `POST /dev/keys/rotate`. The caller has been found to be on this machine before. */
export const makeDevEndpoints =
  (deps: DevEndpointDeps): DevEndpoints =>
  async (request, response, path) => {
    if (path !== "/dev/token" && path !== "/dev/keys/rotate") {
      throw new Refusal(404, "not-found", "There are only /dev/token and /dev/keys/rotate.");
    }
    if (request.method !== "POST") {
      response.setHeader("allow", "POST");
      throw new Refusal(405, "method-not-allowed", "Use POST.");
    }
    if (path === "/dev/keys/rotate") {
      sendJson(response, 200, { kid: await deps.rotateKeys() });
      return;
    }
    const body = parseTokenRequest(await readBody(request, "application/json"));
    sendJson(response, 200, await mintToken(deps, body));
  };
