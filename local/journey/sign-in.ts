import { createHash, randomBytes } from "node:crypto";
import { z } from "zod";
import { locationOf, makeHttpBrowser } from "../process/http-browser.ts";

export interface SignInAddress {
  readonly issuer: string;
  readonly clientId: string;
  readonly redirectUri: string;
}

export interface Credentials {
  readonly email: string;
  readonly password: string;
}

const Tokens = z.object({ access_token: z.string() });
const scope = "openid profile email urn:zitadel:iam:user:resourceowner urn:zitadel:iam:org:projects:roles";
const timeoutMilliseconds = 10_000;

/** Signs a person in as a browser does: authorization code flow with PKCE through the sign-in page (RFC 7636). */
export const signIn = async (address: SignInAddress, { email, password }: Credentials): Promise<string> => {
  const browser = makeHttpBrowser();
  const verifier = randomBytes(32).toString("base64url");
  const authorize = new URL("/oauth/v2/authorize", address.issuer);
  authorize.search = new URLSearchParams({
    client_id: address.clientId,
    redirect_uri: address.redirectUri,
    response_type: "code",
    scope,
    state: randomBytes(16).toString("base64url"),
    nonce: randomBytes(16).toString("base64url"),
    code_challenge: createHash("sha256").update(verifier).digest("base64url"),
    code_challenge_method: "S256",
  }).toString();
  const signInPage = locationOf(await browser.get(authorize.href));
  const resume = locationOf(await browser.post(signInPage, { email, password }));
  const callback = new URL(locationOf(await browser.get(resume)));
  const code = callback.searchParams.get("code");
  if (code === null) throw new Error(`Sign-in of ${email} ended without a code: ${callback.searchParams.toString()}`);
  const answer = await fetch(new URL("/oauth/v2/token", address.issuer), {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "authorization_code",
      client_id: address.clientId,
      redirect_uri: address.redirectUri,
      code,
      code_verifier: verifier,
    }),
    signal: AbortSignal.timeout(timeoutMilliseconds),
  });
  return Tokens.parse(await answer.json()).access_token;
};
