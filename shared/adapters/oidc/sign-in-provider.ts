import { createHash } from "node:crypto";
import { createRemoteJWKSet, errors, jwtVerify } from "jose";
import { z } from "zod";
import type { PendingSignIn, SignInProvider } from "../../dashboard/ports.ts";
import { DomainError } from "../../kernel/errors.ts";

export interface SignInProviderOptions {
  readonly issuer: string;
  readonly jwksUri: string;
  readonly clientId: string;
}

const requestTimeoutMilliseconds = 5_000;
const answerBytesMax = 256 * 1024;
const discoveryMilliseconds = 10 * 60_000;
const clockToleranceSeconds = 30;
/** Without `resourceowner` Zitadel does not say which organisation the person belongs to. */
const scopes = "openid profile email urn:zitadel:iam:user:resourceowner urn:zitadel:iam:org:projects:roles";

const Discovery = z.object({
  issuer: z.string(),
  authorization_endpoint: z.url(),
  token_endpoint: z.url(),
  end_session_endpoint: z.url().optional(),
});
type Discovery = z.infer<typeof Discovery>;
const Tokens = z.object({ access_token: z.string().min(1), id_token: z.string().min(1) });

const unavailable = (cause: unknown): DomainError =>
  new DomainError("identity-provider-unavailable", "The identity provider does not answer. Try again in a moment.", {
    cause,
  });

const call = async (
  url: string,
  init: RequestInit = {},
): Promise<{ readonly status: number; readonly body: unknown }> => {
  try {
    const answer = await fetch(url, {
      ...init,
      redirect: "error",
      headers: { accept: "application/json" },
      signal: AbortSignal.timeout(requestTimeoutMilliseconds),
    });
    const text = await answer.text();
    if (answer.status >= 500 || answer.status === 429) throw new Error(`It answered ${answer.status}.`);
    if (text.length > answerBytesMax) throw new Error("Its answer is too large.");
    return { status: answer.status, body: JSON.parse(text) as unknown };
  } catch (cause) {
    throw unavailable(cause);
  }
};

const discover = async (issuer: string): Promise<Discovery> => {
  const { body } = await call(`${issuer}/.well-known/openid-configuration`);
  const found = Discovery.safeParse(body);
  // OpenID Connect Discovery 4.3: another issuer's document is worth nothing.
  if (!found.success || found.data.issuer !== issuer) throw unavailable(new Error("Its configuration is not usable."));
  return found.data;
};

const challengeOf = (verifier: string): string => createHash("sha256").update(verifier).digest("base64url");

const refused = (cause?: unknown): DomainError =>
  new DomainError("unauthenticated", "The identity provider's answer does not belong to this sign-in. Sign in again.", {
    cause,
  });

/** The code flow with PKCE of a public client (RFC 6749, RFC 7636, OpenID Connect Core). */
export const oidcSignInProvider = ({ issuer, jwksUri, clientId }: SignInProviderOptions): SignInProvider => {
  let known: { readonly discovery: Discovery; readonly until: number } | undefined;
  let keys: ReturnType<typeof createRemoteJWKSet> | undefined;
  const endpoints = async (): Promise<Discovery> => {
    if (known === undefined || Date.now() > known.until) {
      known = { discovery: await discover(issuer), until: Date.now() + discoveryMilliseconds };
    }
    return known.discovery;
  };
  const checkIdToken = async (idToken: string, nonce: string): Promise<void> => {
    keys ??= createRemoteJWKSet(new URL(jwksUri), { timeoutDuration: requestTimeoutMilliseconds });
    try {
      const { payload } = await jwtVerify(idToken, keys, {
        issuer,
        audience: clientId,
        algorithms: ["RS256"],
        requiredClaims: ["sub", "exp", "nonce"],
        clockTolerance: clockToleranceSeconds,
      });
      if (payload["nonce"] !== nonce) throw new errors.JWTClaimValidationFailed("another nonce", payload, "nonce");
    } catch (error) {
      const isAboutToken = error instanceof errors.JOSEError && !(error instanceof errors.JWKSTimeout);
      throw isAboutToken ? refused(error) : unavailable(error);
    }
  };
  return {
    async signInUrl({ state, nonce, verifier }: PendingSignIn, redirectUri) {
      const url = new URL((await endpoints()).authorization_endpoint);
      const parameters = {
        ...{ response_type: "code", client_id: clientId, redirect_uri: redirectUri, scope: scopes, state, nonce },
        ...{ code_challenge: challengeOf(verifier), code_challenge_method: "S256" },
      };
      for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
      return url.href;
    },
    async exchange(code, { nonce, verifier }, redirectUri) {
      const body = new URLSearchParams({
        ...{ grant_type: "authorization_code", code, redirect_uri: redirectUri },
        ...{ client_id: clientId, code_verifier: verifier },
      });
      const { status, body: answer } = await call((await endpoints()).token_endpoint, { method: "POST", body });
      const tokens = Tokens.safeParse(answer);
      if (status !== 200 || !tokens.success) throw refused();
      await checkIdToken(tokens.data.id_token, nonce);
      return tokens.data.access_token;
    },
    async signOutUrl(returnTo) {
      const page = (await endpoints()).end_session_endpoint;
      if (page === undefined) return undefined;
      const url = new URL(page);
      url.searchParams.set("client_id", clientId);
      url.searchParams.set("post_logout_redirect_uri", returnTo);
      return url.href;
    },
  };
};
