/** Verifies an access token issued for this platform. */
export interface AccessTokenVerifier {
  /**
   * The claims of a valid token.
   * @throws DomainError `unauthenticated` for a bad token, `identity-provider-unavailable` when its keys cannot be had
   */
  verify(token: string): Promise<Readonly<Record<string, unknown>>>;
}
