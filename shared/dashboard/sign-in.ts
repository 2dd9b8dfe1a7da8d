import { timingSafeEqual } from "node:crypto";
import type { Caller } from "../gateway/caller.ts";
import { DomainError } from "../kernel/errors.ts";
import type { PendingSignIn, SignInProvider } from "./ports.ts";
import { pendingSignInSeconds } from "./sessions.ts";
import type { Sessions } from "./sessions.ts";

/** Who a verified token names, and how long it is valid yet. */
export type ReadToken = (token: string) => Promise<{ readonly caller: Caller; readonly lifeSeconds: number }>;

export interface SignInDeps {
  readonly provider: SignInProvider;
  readonly sessions: Sessions;
  readonly readToken: ReadToken;
  /** 32 unguessable bytes as base64url. */
  readonly newSecret: () => string;
  /** The dashboard's own callback, as it is registered at the provider. */
  readonly redirectUri: string;
}

/** Equal texts, compared in a time that does not tell where they differ. */
export const isSameText = (one: string, other: string): boolean => {
  const [left, right] = [Buffer.from(one), Buffer.from(other)];
  return left.length === right.length && timingSafeEqual(left, right);
};

/** Makes what one sign-in needs: where to send the browser, and what it keeps (sealed) until it is back. */
export const makeBeginSignIn =
  ({ provider, sessions, newSecret, redirectUri }: SignInDeps) =>
  async () => {
    const pending: PendingSignIn = { state: newSecret(), nonce: newSecret(), verifier: newSecret() };
    const url = await provider.signInUrl(pending, redirectUri);
    return { url, sealed: await sessions.sealPending(pending), lifeSeconds: pendingSignInSeconds };
  };
export type BeginSignIn = ReturnType<typeof makeBeginSignIn>;

export interface SignInAnswer {
  /** What the browser kept. */
  readonly sealed: string | undefined;
  readonly state: string | undefined;
  readonly code: string | undefined;
}

const notOurs = (): DomainError =>
  new DomainError(
    "unauthenticated",
    "This sign-in was not started in this browser, took too long or was used already.",
  );

/**
 * Ends a sign-in with a session. The token is verified before there is one: a token that is not accepted can thus never
 * send the browser round in circles. @throws DomainError `unauthenticated`, `identity-provider-unavailable`, `too-large`
 */
export const makeFinishSignIn =
  ({ provider, sessions, readToken, newSecret, redirectUri }: SignInDeps) =>
  async ({ sealed = "", state = "", code = "" }: SignInAnswer) => {
    const pending = await sessions.openPending(sealed);
    if (pending === undefined || code === "" || !isSameText(state, pending.state)) throw notOurs();
    const accessToken = await provider.exchange(code, pending, redirectUri);
    const { lifeSeconds } = await readToken(accessToken);
    const session = await sessions.seal({ accessToken, formToken: newSecret() }, lifeSeconds);
    return { session, lifeSeconds };
  };
export type FinishSignIn = ReturnType<typeof makeFinishSignIn>;
