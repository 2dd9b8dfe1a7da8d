import type { JWTPayload } from "jose";
import { createLocalJWKSet, errors, jwtVerify, SignJWT } from "jose";
import { z } from "zod";
import { DomainError } from "../kernel/errors.ts";
import type { LaunchKeys } from "./launch-keys.ts";

export const launchTokenSeconds = 60;
/** Clocks may differ by this much; a consumed token is remembered for longer than lifetime and tolerance together. */
export const clockToleranceSeconds = 5;
const typ = "launch+jwt";
const alg = "ES256";

/** Claims of a launch token (docs/decisions/0006-launch.md). No plan, e-mail or role: those are looked up when it is exchanged. */
export const LaunchClaims = z.object({
  iss: z.string(),
  /** One instance, as a single string: an array is refused although RFC 7519 allows it. */
  aud: z.string(),
  sub: z.string(),
  tid: z.string(),
  org: z.string(),
  jti: z.string().min(22),
  iat: z.number(),
  nbf: z.number(),
  exp: z.number(),
});
export type LaunchClaims = z.infer<typeof LaunchClaims>;

/** The audience that names a Stack instance for good; its host name may change. */
export const audienceOf = (instanceId: string): string => `urn:kombify:stack:${instanceId}`;

/** Signs a launch token with the active key. @throws DomainError `unavailable` without a usable key */
export const signLaunchToken = async (keys: LaunchKeys, claims: Omit<LaunchClaims, "nbf" | "exp">): Promise<string> => {
  const { kid, key } = await keys.signer();
  const payload: JWTPayload = { ...claims, nbf: claims.iat, exp: claims.iat + launchTokenSeconds };
  return new SignJWT(payload).setProtectedHeader({ alg, kid, typ }).sign(key);
};

const invalid = (cause?: unknown): DomainError =>
  new DomainError("launch-token-invalid", "The launch token is not valid. Launch the Stack again.", { cause });

const rejectTiming = (claims: LaunchClaims, now: Date): void => {
  const nowSeconds = now.getTime() / 1000;
  // The library bounds neither a lifetime stretched by the signer nor an issue time a little in the future.
  if (claims.exp - claims.iat > launchTokenSeconds || claims.iat > nowSeconds + clockToleranceSeconds) throw invalid();
};

/**
 * Checks signature, type, issuer, times and shape of a launch token (RFC 8725). Whether it was
 * used before, and whether tenant and instance still agree, is the exchange's business.
 * @throws DomainError `launch-token-invalid`, `launch-token-expired`
 */
export const verifyLaunchToken = async (
  token: string,
  expected: { readonly keys: LaunchKeys; readonly issuer: string; readonly now: Date },
): Promise<LaunchClaims> => {
  const keySet = await expected.keys.publicKeys();
  try {
    const { payload, protectedHeader } = await jwtVerify(token, createLocalJWKSet({ keys: [...keySet.keys] }), {
      issuer: expected.issuer,
      algorithms: [alg],
      typ,
      requiredClaims: ["jti", "exp", "iat", "nbf", "sub", "aud", "tid", "org"],
      clockTolerance: clockToleranceSeconds,
      currentDate: expected.now,
    });
    // With a single published key the library accepts a token that names none.
    if (protectedHeader.kid === undefined) throw invalid();
    const claims = LaunchClaims.parse(payload);
    rejectTiming(claims, expected.now);
    return claims;
  } catch (error) {
    if (error instanceof DomainError) throw error;
    if (error instanceof errors.JWTExpired) {
      throw new DomainError("launch-token-expired", "The launch token has expired. Launch the Stack again.");
    }
    throw invalid(error);
  }
};
