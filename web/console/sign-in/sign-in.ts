import { readCallback } from "./callback.ts";
import { readIdToken } from "./id-token.ts";
import { discover, exchangeCode } from "./identity-provider.ts";
import type { FillRandom } from "./pkce.ts";
import { challengeOf, newSecret } from "./pkce.ts";
import type { TabMemory } from "./session.ts";

export interface SignInConfig {
  readonly issuer: string;
  readonly clientId: string;
  readonly scopes: readonly string[];
  readonly operatorOrgId: string;
}

export interface SignInDeps {
  readonly config: SignInConfig;
  readonly memory: TabMemory;
  readonly clock: () => Date;
  readonly fillRandom: FillRandom;
  /** Where the page is served from. */
  readonly origin: string;
}

const redirectUriOf = (origin: string): string => `${origin}/callback`;

/** Address of the sign-in page: authorization code flow with PKCE, state and nonce. */
export const beginSignIn = async ({ config, memory, fillRandom, origin }: SignInDeps): Promise<string> => {
  const provider = await discover(config.issuer);
  const pending = { state: newSecret(fillRandom), nonce: newSecret(fillRandom), verifier: newSecret(fillRandom) };
  memory.keepPending(pending);
  const address = new URL(provider.authorizationEndpoint);
  const parameters = {
    response_type: "code",
    client_id: config.clientId,
    redirect_uri: redirectUriOf(origin),
    scope: config.scopes.join(" "),
    state: pending.state,
    nonce: pending.nonce,
    code_challenge: await challengeOf(pending.verifier),
    code_challenge_method: "S256",
  };
  for (const [name, value] of Object.entries(parameters)) address.searchParams.set(name, value);
  return address.href;
};

/** Ends at the callback; undefined when the person is signed in, otherwise why not. @throws what the exchange throws */
export const finishSignIn = async (deps: SignInDeps, query: URLSearchParams): Promise<string | undefined> => {
  const { config, memory, clock, origin } = deps;
  const answer = readCallback(query, memory.takePending(), config.issuer);
  if (answer.kind === "refused") return answer.reason;
  const { code, pending } = answer;
  const tokens = await exchangeCode(await discover(config.issuer), {
    code,
    verifier: pending.verifier,
    clientId: config.clientId,
    redirectUri: redirectUriOf(origin),
  });
  const nowEpochSeconds = Math.floor(clock().getTime() / 1000);
  const { issuer, clientId, operatorOrgId } = config;
  const person = readIdToken(tokens.id_token, {
    ...{ issuer, clientId, operatorOrgId, nonce: pending.nonce, nowEpochSeconds },
  });
  const expiresAtEpochSeconds = nowEpochSeconds + tokens.expires_in;
  memory.keepSession({ accessToken: tokens.access_token, expiresAtEpochSeconds, person });
  return undefined;
};

/**
 * Forgets the person here and gives the address that ends the session at the identity provider. The client id stands in
 * for an ID token hint (RP-Initiated Logout section 2), so that no token is written into an address.
 */
export const endSession = async ({ config, memory, origin }: SignInDeps): Promise<string> => {
  memory.forget();
  const { endSessionEndpoint } = await discover(config.issuer);
  if (endSessionEndpoint === undefined) return `${origin}/`;
  const address = new URL(endSessionEndpoint);
  address.searchParams.set("client_id", config.clientId);
  address.searchParams.set("post_logout_redirect_uri", `${origin}/`);
  return address.href;
};
