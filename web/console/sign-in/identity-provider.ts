import { number, optional, shape, text } from "../../page/shape.ts";
import { fetchJson } from "../api/fetch-json.ts";

const readDiscovery = shape({
  issuer: text,
  authorization_endpoint: text,
  token_endpoint: text,
  end_session_endpoint: optional(text),
});

const readTokens = shape({ access_token: text, id_token: text, expires_in: number });
type Tokens = ReturnType<typeof readTokens>;

export interface IdentityProvider {
  readonly issuer: string;
  readonly authorizationEndpoint: string;
  readonly tokenEndpoint: string;
  readonly endSessionEndpoint: string | undefined;
}

/** OpenID Connect Discovery. @throws Error for another issuer's document (Discovery section 4.3) and what fetching throws */
export const discover = async (issuer: string): Promise<IdentityProvider> => {
  const found = readDiscovery(await fetchJson(`${issuer}/.well-known/openid-configuration`));
  if (found.issuer !== issuer) throw new Error("The identity provider's configuration names another issuer.");
  return {
    issuer,
    authorizationEndpoint: found.authorization_endpoint,
    tokenEndpoint: found.token_endpoint,
    endSessionEndpoint: found.end_session_endpoint,
  };
};

export interface CodeExchange {
  readonly code: string;
  readonly verifier: string;
  readonly clientId: string;
  readonly redirectUri: string;
}

/** Trades the code for tokens (RFC 6749 section 4.1.3, RFC 7636 section 4.5). */
export const exchangeCode = async (provider: IdentityProvider, exchange: CodeExchange): Promise<Tokens> => {
  const body = new URLSearchParams({
    grant_type: "authorization_code",
    code: exchange.code,
    redirect_uri: exchange.redirectUri,
    client_id: exchange.clientId,
    code_verifier: exchange.verifier,
  });
  return readTokens(await fetchJson(provider.tokenEndpoint, { method: "POST", body }));
};
