/** What was made for one sign-in and must come back with it. */
export interface PendingSignIn {
  readonly state: string;
  readonly nonce: string;
  /** PKCE's secret (RFC 7636). */
  readonly verifier: string;
}

/** The identity provider's side of the code flow. @throws DomainError `identity-provider-unavailable` */
export interface SignInProvider {
  /** Where the browser is sent to sign in. */
  signInUrl(pending: PendingSignIn, redirectUri: string): Promise<string>;
  /**
   * Trades the code for an access token.
   * @throws DomainError `unauthenticated` when the code or the answer does not belong to this sign-in
   */
  exchange(code: string, pending: PendingSignIn, redirectUri: string): Promise<string>;
  /** Where the browser is sent to sign out there as well; undefined if the provider has no such page. */
  signOutUrl(returnTo: string): Promise<string | undefined>;
}
