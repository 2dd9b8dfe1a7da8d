/** What has to be remembered, in this tab only, from leaving for the sign-in page until coming back. */
export interface PendingSignIn {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

export type CallbackResult =
  | { readonly kind: "code"; readonly code: string; readonly pending: PendingSignIn }
  /** The person said no, or the provider did; `reason` is a sentence for the person. */
  | { readonly kind: "refused"; readonly reason: string };

const refuse = (reason: string): CallbackResult => ({ kind: "refused", reason });

/** RFC 6749 section 4.1.2.1; what is not listed is the provider's fault or ours. */
const reasonOf = (error: string): string => {
  if (error === "access_denied") return "You did not sign in.";
  if (error === "temporarily_unavailable" || error === "server_error") {
    return "Signing in is not possible at the moment. Please try again in a minute.";
  }
  return "Signing in did not work. Please try again.";
};

/**
 * Reads where the sign-in page sent the browser. An answer counts only when it belongs to the sign-in this very tab
 * began (state: RFC 9700 section 4.7) and comes from our issuer (RFC 9207): otherwise somebody else's code could be slipped
 * in, and the person would work in a stranger's account.
 */
export const readCallback = (
  query: URLSearchParams,
  pending: PendingSignIn | undefined,
  issuer: string,
): CallbackResult => {
  const startAgain = "This sign-in was not started in this tab, or was used already. Please sign in again.";
  if (pending === undefined) return refuse(startAgain);
  const states = query.getAll("state");
  if (states.length !== 1 || states[0] !== pending.state) return refuse(startAgain);
  const sender = query.get("iss");
  if (sender !== null && sender !== issuer) return refuse("The answer to the sign-in came from an unknown sender.");
  const error = query.get("error");
  if (error !== null) return refuse(reasonOf(error));
  const codes = query.getAll("code");
  const [code = ""] = codes;
  if (codes.length !== 1 || code === "") return refuse("The sign-in page sent no code. Please sign in again.");
  return { kind: "code", code, pending };
};
