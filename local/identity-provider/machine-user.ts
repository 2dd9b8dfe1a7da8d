import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";

import { createLocalJWKSet, errors, importSPKI, jwtVerify, SignJWT } from "jose";
import { z } from "zod";

import type { KeyStore } from "./key-store.ts";
import { Refusal } from "../process/problem.ts";

/** The one service user: it may read everything and change nothing. */
export const MachineUser = z.strictObject({
  userId: z.string().min(1),
  keyId: z.string().min(1),
  /** PEM (SPKI) of the RSA key whose other half the user keeps. */
  publicKey: z.string().min(1),
});
export type MachineUser = z.output<typeof MachineUser>;

interface MachineTokensDeps {
  readonly issuer: string;
  readonly keys: KeyStore;
  readonly user: MachineUser | undefined;
  readonly now: () => Date;
}

export interface MachineTokens {
  /** Answers `grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer`. @throws Refusal 400 */
  issue(form: URLSearchParams): Promise<Readonly<Record<string, unknown>>>;
  /** @throws Refusal 401 unless the machine user's token is in the request */
  require(request: IncomingMessage): Promise<void>;
}

const tokenSeconds = 3600;
const assertionSecondsMax = 3600;
export const jwtBearerGrant = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const apiAudience = "zitadel";

const refused = (): Refusal => new Refusal(400, "invalid_grant", "The assertion is not one of a known machine user.");

export const makeMachineTokens = ({ issuer, keys, user, now }: MachineTokensDeps): MachineTokens => ({
  async issue(form) {
    if (user === undefined) throw refused();
    try {
      const key = await importSPKI(user.publicKey, "RS256");
      const { protectedHeader } = await jwtVerify(form.get("assertion") ?? "", key, {
        ...{ issuer: user.userId, subject: user.userId, audience: issuer, algorithms: ["RS256"] },
        ...{ requiredClaims: ["iat", "exp"], maxTokenAge: assertionSecondsMax, currentDate: now() },
      });
      if (protectedHeader.kid !== user.keyId) throw refused();
    } catch (error) {
      if (error instanceof errors.JOSEError) throw refused();
      throw error;
    }
    const { kid, key } = await keys.active();
    const seconds = Math.floor(now().getTime() / 1000);
    const token = await new SignJWT({ iss: issuer, sub: user.userId, aud: apiAudience, jti: randomUUID() })
      .setProtectedHeader({ alg: "RS256", kid, typ: "JWT" })
      .setIssuedAt(seconds)
      .setExpirationTime(seconds + tokenSeconds)
      .sign(key);
    return { access_token: token, token_type: "Bearer", expires_in: tokenSeconds };
  },
  async require(request) {
    const [, token = ""] = /^Bearer +([\w.-]+)$/i.exec(request.headers.authorization ?? "") ?? [];
    const published = keys.published().map(({ kty, alg, use, kid, n, e }) => ({ kty, alg, use, kid, n, e }));
    try {
      const { payload } = await jwtVerify(token, createLocalJWKSet({ keys: published }), {
        ...{ issuer, audience: apiAudience, algorithms: ["RS256"], currentDate: now() },
      });
      if (user !== undefined && payload.sub === user.userId) return;
    } catch (error) {
      if (!(error instanceof errors.JOSEError)) throw error;
    }
    throw new Refusal(401, "unauthenticated", "This needs a token of the machine user.");
  },
});
