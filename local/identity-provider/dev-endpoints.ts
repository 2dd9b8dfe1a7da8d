import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";

import { SignJWT } from "jose";
import { z } from "zod";

import { accessTokenClaims } from "./claims.ts";
import type { ComplementToken } from "./complement.ts";
import type { DevDirectoryDeps } from "./dev-directory.ts";
import { changeDirectory, devDirectoryPaths, parseDevBody } from "./dev-directory.ts";
import type { KeyStore } from "./key-store.ts";
import { Refusal, sendJson } from "../process/problem.ts";
import { consoleClientId, seededAccounts } from "./seed.ts";

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

export interface DevEndpointDeps extends DevDirectoryDeps {
  readonly issuer: string;
  readonly accessTokenSeconds: number;
  readonly keys: KeyStore;
  readonly complement: ComplementToken;
  /** Activates the next key everywhere; returns the new active `kid`. */
  readonly rotateKeys: () => Promise<string>;
  readonly now: () => Date;
}

export type DevEndpoints = (request: IncomingMessage, response: ServerResponse, path: string) => Promise<void>;

const mintToken = async (deps: DevEndpointDeps, body: z.infer<typeof TokenRequest>) => {
  const account = deps.directory.findByEmail(body.email);
  if (account === undefined) {
    const known = seededAccounts.map(({ email }) => email).join(", ");
    throw new Refusal(400, "unknown-person", `Nobody has the email "${body.email}". Seeded are: ${known}.`);
  }
  if (!deps.directory.isActive(account)) {
    throw new Refusal(400, "not-active", "The person, or the person's organisation, is not active.");
  }
  const expiresInSeconds = body.expiresInSeconds ?? deps.accessTokenSeconds;
  const nowSeconds = Math.floor(deps.now().getTime() / 1000);
  const expiresAt = nowSeconds + expiresInSeconds;
  const own = accessTokenClaims({
    clientId: consoleClientId,
    account,
    issuer: deps.issuer,
    tokenId: randomUUID(),
    // An expired token must have been good once, or a verifier may refuse it for the wrong reason.
    issuedAtEpochSeconds: expiresInSeconds > 0 ? nowSeconds : expiresAt - deps.accessTokenSeconds,
    expiresAtEpochSeconds: expiresAt,
    namesResourceOwner: true,
  });
  const claims: Record<string, unknown> = {
    ...(await deps.complement("preaccesstoken", account, own)),
    ...(body.audience === undefined ? {} : { aud: body.audience }),
    ...body.claims,
  };
  const kept = Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== null));
  const { kid, key } = await deps.keys.active();
  const token = await new SignJWT(kept).setProtectedHeader({ alg: "RS256", kid, typ: "JWT" }).sign(key);
  return { access_token: token, expires_in: expiresInSeconds, token_type: "Bearer" };
};

const paths = ["/dev/token", "/dev/keys/rotate", ...devDirectoryPaths] as const;

const answerOf = async (
  deps: DevEndpointDeps,
  request: IncomingMessage,
  path: (typeof paths)[number],
): Promise<Readonly<Record<string, unknown>>> => {
  if (path === "/dev/token") return mintToken(deps, await parseDevBody(request, TokenRequest));
  if (path === "/dev/keys/rotate") return { kid: await deps.rotateKeys() };
  return changeDirectory(deps, request, path);
};

/** `POST /dev/...`. The caller has been found to be on this machine before. */
export const makeDevEndpoints =
  (deps: DevEndpointDeps): DevEndpoints =>
  async (request, response, path) => {
    const known = paths.find((candidate) => candidate === path);
    if (known === undefined) throw new Refusal(404, "not-found", `There are only ${paths.join(", ")}.`);
    if (request.method !== "POST") {
      response.setHeader("allow", "POST");
      throw new Refusal(405, "method-not-allowed", "Use POST.");
    }
    sendJson(response, 200, await answerOf(deps, request, known));
  };
