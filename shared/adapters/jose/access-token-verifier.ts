import type { ExportedJWKSCache, FlattenedJWSInput, JWSHeaderParameters, JWTVerifyGetKey } from "jose";
import { createLocalJWKSet, createRemoteJWKSet, errors, jwksCache, jwtVerify } from "jose";
import type { AccessTokenVerifier } from "../../gateway/access-token.ts";
import { DomainError } from "../../kernel/errors.ts";

export interface AccessTokenVerifierOptions {
  readonly issuer: string;
  readonly audience: string;
  readonly jwksUri: string;
  /** How long keys that were once fetched are trusted while the identity provider cannot be reached. */
  readonly staleKeysSeconds?: number;
}

const clockToleranceSeconds = 5;
const fetchTimeoutMilliseconds = 5_000;
const cooldownMilliseconds = 30_000;
const cacheMilliseconds = 5 * 60_000;
const staleDefaultSeconds = 24 * 60 * 60;

/** Failures of the token itself; every other failure means that the keys could not be had. */
const isAboutToken = (error: unknown): boolean =>
  error instanceof errors.JOSEError &&
  !(error instanceof errors.JWKSTimeout || error instanceof errors.JWKSInvalid) &&
  error.code !== "ERR_JOSE_GENERIC";

/** The library fills the empty object it is given in place; its types say so only for objects that come filled. */
const filled = (cache: object): ExportedJWKSCache => cache as ExportedJWKSCache;

/** jose forgets keys when its cache time is over and no refresh succeeds; sign-in must survive a longer outage. */
const keysOf = ({ jwksUri, staleKeysSeconds = staleDefaultSeconds }: AccessTokenVerifierOptions): JWTVerifyGetKey => {
  const cache: Record<string, never> = {};
  const lastGood = (): ExportedJWKSCache | undefined => (Object.hasOwn(cache, "jwks") ? filled(cache) : undefined);
  const remote = createRemoteJWKSet(new URL(jwksUri), {
    timeoutDuration: fetchTimeoutMilliseconds,
    cooldownDuration: cooldownMilliseconds,
    cacheMaxAge: cacheMilliseconds,
    [jwksCache]: cache,
  });
  return async (header?: JWSHeaderParameters, token?: FlattenedJWSInput) => {
    try {
      return await remote(header, token);
    } catch (error) {
      const known = lastGood();
      if (isAboutToken(error) || known === undefined) throw error;
      if (Date.now() - known.uat >= staleKeysSeconds * 1000) throw error;
      return createLocalJWKSet(known.jwks)(header, token);
    }
  };
};

/**
 * Verifies Zitadel's RS256 access tokens again behind the gateway: signature by `kid`, issuer, audience,
 * times. Keys are fetched on demand, cached for 5 minutes and used for up to 24 hours when the provider is down.
 */
export const joseAccessTokenVerifier = (options: AccessTokenVerifierOptions): AccessTokenVerifier => {
  // Made on first use: it brings in Node's HTTP client, 15 ms that starting need not wait for.
  let keys: JWTVerifyGetKey | undefined;
  return {
    async verify(token) {
      keys ??= keysOf(options);
      try {
        const { payload, protectedHeader } = await jwtVerify(token, keys, {
          issuer: options.issuer,
          audience: options.audience,
          algorithms: ["RS256"],
          requiredClaims: ["sub", "exp"],
          clockTolerance: clockToleranceSeconds,
        });
        if (protectedHeader.kid === undefined) throw new errors.JWTInvalid("kid is missing");
        return payload;
      } catch (error) {
        if (isAboutToken(error)) {
          const reason = error instanceof errors.JWTExpired ? "has expired" : "is not valid for this service";
          throw new DomainError("unauthenticated", `The access token ${reason}. Sign in again.`, { cause: error });
        }
        throw new DomainError(
          "identity-provider-unavailable",
          "Sign-ins cannot be checked because the identity provider does not answer. Try again in a moment.",
          { cause: error },
        );
      }
    },
  };
};
