import { interactionPolicy } from "oidc-provider";
import type { AdapterFactory, ClientMetadata, Configuration, KoaContextWithOIDC } from "oidc-provider";

import {
  accessTokenClaims,
  personClaims,
  projectAudienceScope,
  resourceOwnerClaimNames,
  resourceOwnerScope,
  roleClaimNames,
  rolesScope,
} from "./claims.ts";
import type { ComplementToken } from "./complement.ts";
import type { Directory, KnownAccount } from "./directory.ts";
import type { KeyStore } from "./key-store.ts";
import { messagePage } from "./page.ts";
import { consoleClientId, dashboardClientId, projectId } from "./seed.ts";

/** Where Zitadel has its endpoints (its endpoints page). */
export const paths = {
  authorize: "/oauth/v2/authorize",
  token: "/oauth/v2/token",
  keys: "/oauth/v2/keys",
  userinfo: "/oidc/v1/userinfo",
  endSession: "/oidc/v1/end_session",
  signIn: "/ui/login",
} as const;

export interface OidcFacts {
  readonly issuer: string;
  readonly redirectUris: readonly string[];
  readonly dashboardRedirectUris: readonly string[];
  readonly allowedOrigins: readonly string[];
  readonly accessTokenSeconds: number;
  readonly keys: KeyStore;
  readonly directory: Directory;
  readonly complement: ComplementToken;
  readonly adapter: AdapterFactory;
}

const twoWeeksSeconds = 14 * 24 * 60 * 60;
const scopes = ["openid", "profile", "email", resourceOwnerScope, rolesScope, projectAudienceScope];
const projectResource = `urn:kombify:project:${projectId}`;

/** The console is our own application, so its people are not asked for consent: a grant of every scope is made. */
const grantWithoutConsent = async (ctx: KoaContextWithOIDC) => {
  const { client, session, provider, result } = ctx.oidc;
  if (client === undefined || session?.accountId === undefined) return undefined;
  const grantId = result?.consent?.grantId ?? session.grantIdFor(client.clientId);
  const known = grantId === undefined ? undefined : await provider.Grant.find(grantId);
  // Also an older grant gets every scope: it may be from before a scope was added here.
  const grant = known ?? new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
  grant.addOIDCScope(scopes.join(" "));
  grant.addResourceScope(projectResource, scopes.join(" "));
  await grant.save();
  return grant;
};

/** Without consent there is only one thing to ask a person for. `prompt=select_account` is answered by signing in. */
const prompts = (): interactionPolicy.DefaultPolicy => {
  const policy = interactionPolicy.base();
  policy.remove("consent");
  policy.add(new interactionPolicy.Prompt({ name: "consent", requestable: true }));
  policy.add(new interactionPolicy.Prompt({ name: "select_account", requestable: true }), 0);
  return policy;
};

const features = ({ accessTokenSeconds }: OidcFacts): NonNullable<Configuration["features"]> => ({
  devInteractions: { enabled: false },
  dPoP: { enabled: false },
  pushedAuthorizationRequests: { enabled: false },
  // Served by `userinfo.ts`: the library's own accepts only opaque tokens.
  userinfo: { enabled: false },
  resourceIndicators: {
    enabled: true,
    defaultResource: () => projectResource,
    useGrantedResource: () => true,
    getResourceServerInfo: () => ({
      scope: scopes.join(" "),
      audience: projectId,
      accessTokenFormat: "jwt",
      accessTokenTTL: accessTokenSeconds,
      jwt: { sign: { alg: "RS256" } },
    }),
  },
  rpInitiatedLogout: {
    enabled: true,
    logoutSource: (ctx, form) => {
      const button = `${form}<button form="op.logoutForm" name="logout" value="yes" autofocus>Sign out</button>`;
      ctx.body = messagePage("Sign out of kombify?", "You will have to sign in again to use kombify.", button);
    },
    postLogoutSuccessSource: (ctx) => {
      ctx.body = messagePage("Signed out", "You are signed out of kombify.");
    },
  },
});

/** Tokens are written whole by `accessTokenClaims`, so that what the library adds (`scope`, `client_id`) stays out. */
const accessTokenCustomizer =
  (facts: OidcFacts): NonNullable<NonNullable<Configuration["formats"]>["customizers"]>["jwt"] =>
  async (_ctx, token, jwt) => {
    const account = "accountId" in token ? activeAccount(facts, token.accountId) : undefined;
    if (account === undefined) throw new Error("An access token was asked for somebody who may not sign in.");
    const { iat, exp, jti } = jwt.payload;
    jwt.header = { typ: "JWT" };
    const claims = accessTokenClaims({
      account,
      issuer: facts.issuer,
      clientId: token.clientId ?? consoleClientId,
      tokenId: String(jti),
      issuedAtEpochSeconds: Number(iat),
      expiresAtEpochSeconds: Number(exp),
      namesResourceOwner: token.scopes.has(resourceOwnerScope),
    });
    jwt.payload = { ...(await facts.complement("preaccesstoken", account, claims)) };
  };

/** Undefined also for people who are deactivated, locked, or whose organisation is. */
const activeAccount = ({ directory }: OidcFacts, sub: string): KnownAccount | undefined => {
  const account = directory.findBySub(sub);
  return account !== undefined && directory.isActive(account) ? account : undefined;
};

/** What may follow a sign-out: the applications' own pages. */
const postLogoutRedirectUris = (redirectUris: readonly string[]): string[] => [
  ...new Set(redirectUris.flatMap((uri) => [uri, `${new URL(uri).origin}/`, uri.replace(/\/callback$/, "")])),
];

/** An application that can keep no secret: the code flow with PKCE and nothing else. */
const publicClient = (id: string, name: string, redirectUris: readonly string[]): ClientMetadata => ({
  client_id: id,
  client_name: name,
  token_endpoint_auth_method: "none",
  grant_types: ["authorization_code"],
  response_types: ["code"],
  redirect_uris: [...redirectUris],
  post_logout_redirect_uris: postLogoutRedirectUris(redirectUris),
});

/** The whole configuration of `oidc-provider` for the keys of this moment; made anew after each rotation. */
export const oidcConfiguration = (facts: OidcFacts): Configuration => ({
  adapter: facts.adapter,
  jwks: { keys: [...facts.keys.published()] },
  cookies: {
    keys: facts.keys.cookieKeys,
    // Cookies do not know ports, so the names must not meet those of other programs on localhost.
    names: { session: "kombify_idp_session", interaction: "kombify_idp_sign_in", resume: "kombify_idp_resume" },
    long: { httpOnly: true, sameSite: "lax", signed: true },
    short: { httpOnly: true, sameSite: "lax", signed: true },
  },
  clients: [
    publicClient(consoleClientId, "kombify console", facts.redirectUris),
    ...(facts.dashboardRedirectUris.length === 0
      ? []
      : [publicClient(dashboardClientId, "kombify dashboard", facts.dashboardRedirectUris)]),
  ],
  clientAuthMethods: ["none"],
  responseTypes: ["code"],
  scopes,
  claims: {
    openid: ["sub"],
    email: ["email", "email_verified"],
    profile: ["name", "preferred_username"],
    [resourceOwnerScope]: [...resourceOwnerClaimNames],
    [rolesScope]: [...roleClaimNames],
  },
  discovery: { userinfo_endpoint: `${facts.issuer}${paths.userinfo}` },
  routes: {
    authorization: paths.authorize,
    token: paths.token,
    jwks: paths.keys,
    end_session: paths.endSession,
  },
  interactions: { policy: prompts(), url: (_ctx, interaction) => `${paths.signIn}/${interaction.uid}` },
  pkce: { required: () => true },
  clientBasedCORS: (_ctx, origin) => facts.allowedOrigins.includes(origin),
  findAccount: (_ctx, sub) => {
    const account = activeAccount(facts, sub);
    if (account === undefined) return undefined;
    const claims = async () => ({ ...(await facts.complement("preuserinfo", account, personClaims(account))), sub });
    return { accountId: sub, claims };
  },
  loadExistingGrant: grantWithoutConsent,
  features: features(facts),
  formats: { customizers: { jwt: accessTokenCustomizer(facts) } },
  ttl: {
    AccessToken: facts.accessTokenSeconds,
    AuthorizationCode: 60,
    Grant: twoWeeksSeconds,
    IdToken: facts.accessTokenSeconds,
    Interaction: 60 * 60,
    Session: twoWeeksSeconds,
  },
  renderError: (ctx, out) => {
    ctx.type = "html";
    ctx.body = messagePage("Sign-in is not possible", out.error_description ?? out.error);
  },
});
