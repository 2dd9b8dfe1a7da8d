import { createRemoteJWKSet, jwtVerify } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { makeHttpBrowser } from "../process/http-browser.ts";
import { authorizeUrl, exchangeCode, openSignIn, signIn, tokensFor } from "./fixtures/browser.ts";
import { consoleOrigin, makeDataDirectory, redirectUri, startOn } from "./fixtures/running-provider.ts";
import type { IdentityProvider } from "./server.ts";

const data = await makeDataDirectory();
let idp: IdentityProvider;
beforeAll(async () => {
  idp = await startOn(data.dataDirectory, { accessTokenSeconds: 900 });
});
afterAll(async () => {
  await idp.stop();
  await data.remove();
});

const ada = { email: "ada@acme.example", password: "acme-ada-dev" };
const adasRoles = { admin: { "300000000000000101": "acme.example" } };

describe("discovery and keys", () => {
  it("describes itself with Zitadel's paths below the issuer, whatever Host is asked for", async () => {
    const url = `${idp.issuer}/.well-known/openid-configuration`.replace("localhost", "127.0.0.1");
    const response = await fetch(url);
    expect(await response.json()).toMatchObject({
      issuer: idp.issuer,
      jwks_uri: `${idp.issuer}/oauth/v2/keys`,
      authorization_endpoint: `${idp.issuer}/oauth/v2/authorize`,
      token_endpoint: `${idp.issuer}/oauth/v2/token`,
      userinfo_endpoint: `${idp.issuer}/oidc/v1/userinfo`,
      end_session_endpoint: `${idp.issuer}/oidc/v1/end_session`,
      code_challenge_methods_supported: ["S256"],
      response_types_supported: ["code"],
    });
    expect(response.headers.get("access-control-allow-origin")).toBe("*");
  });

  it("publishes public keys only, for five minutes", async () => {
    const response = await fetch(idp.jwksUri);
    expect(response.headers.get("cache-control")).toBe("max-age=300, must-revalidate");
    const text = await response.text();
    const body = JSON.parse(text) as { keys: Record<string, string>[] };
    expect(body.keys).toHaveLength(2);
    for (const key of body.keys) expect(Object.keys(key).sort()).toEqual(["alg", "e", "kid", "kty", "n", "use"]);
  });
});

describe("code flow with PKCE", () => {
  it("issues an access token with exactly Zitadel's claims", async () => {
    const { accessToken } = await tokensFor(idp.issuer, ada.email, ada.password);
    const { payload, protectedHeader } = await jwtVerify(accessToken, createRemoteJWKSet(new URL(idp.jwksUri)), {
      issuer: idp.issuer,
      audience: idp.projectId,
    });
    const { iat, exp, nbf, jti, ...rest } = payload;
    expect(rest).toEqual({
      iss: idp.issuer,
      sub: "300000000000001101",
      aud: ["kombify-console", "300000000000000002"],
      azp: "kombify-console",
      "urn:zitadel:iam:user:resourceowner:id": "300000000000000101",
      "urn:zitadel:iam:user:resourceowner:name": "Acme",
      "urn:zitadel:iam:user:resourceowner:primary_domain": "acme.example",
      "urn:zitadel:iam:org:project:300000000000000002:roles": adasRoles,
      "urn:zitadel:iam:org:project:roles": adasRoles,
      email: "ada@acme.example",
      email_verified: true,
      name: "Ada Archer",
    });
    expect(protectedHeader).toMatchObject({ alg: "RS256", typ: "JWT" });
    expect(exp).toBe((iat ?? 0) + 900);
    expect(nbf).toBe(iat);
    expect(jti).toMatch(/^[\w-]{20,}$/);
  });

  it("says who signed in, to the console that asked, in the ID token", async () => {
    const { idToken } = await tokensFor(idp.issuer, ada.email, ada.password);
    const { payload } = await jwtVerify(idToken, createRemoteJWKSet(new URL(idp.jwksUri)), { issuer: idp.issuer });
    expect(payload).toMatchObject({ aud: "kombify-console", nonce: "a-nonce", email: ada.email, name: "Ada Archer" });
  });

  it("does not name the organisation unless its scope is asked for", async () => {
    const url = authorizeUrl(idp.issuer, { scope: "openid" });
    const code = (await signIn(makeHttpBrowser(), url, ada)).searchParams.get("code") ?? "";
    const { access_token: token } = (await (await exchangeCode(idp.issuer, code)).json()) as { access_token: string };
    const { payload } = await jwtVerify(token, createRemoteJWKSet(new URL(idp.jwksUri)));
    expect(payload).not.toHaveProperty("urn:zitadel:iam:user:resourceowner:id");
    expect(payload).toHaveProperty("urn:zitadel:iam:org:project:roles");
  });

  it("brings the state and the issuer back to the console", async () => {
    const callback = await signIn(makeHttpBrowser(), authorizeUrl(idp.issuer), ada);
    expect(`${callback.origin}${callback.pathname}`).toBe(redirectUri);
    expect(callback.searchParams.get("state")).toBe("a-state");
    expect(callback.searchParams.get("iss")).toBe(idp.issuer);
  });

  it("keeps a person signed in, and asks again when the console wants that", async () => {
    const browser = makeHttpBrowser();
    await signIn(browser, authorizeUrl(idp.issuer), ada);
    expect(await openSignIn(browser, authorizeUrl(idp.issuer))).toContain(`${redirectUri}?code=`);
    for (const prompt of ["login", "select_account"]) {
      expect(await openSignIn(browser, authorizeUrl(idp.issuer, { prompt }))).toContain("/ui/login/");
    }
    expect(await openSignIn(browser, authorizeUrl(idp.issuer, { prompt: "none" }))).toContain("code=");
  });

  it("answers prompt=consent without asking", async () => {
    const callback = await signIn(makeHttpBrowser(), authorizeUrl(idp.issuer), ada);
    expect(callback.searchParams.get("code")).toBeTruthy();
    const browser = makeHttpBrowser();
    await signIn(browser, authorizeUrl(idp.issuer), ada);
    const page = await openSignIn(browser, authorizeUrl(idp.issuer, { prompt: "consent" }));
    const resumed = await browser.get(await openSignIn(browser, page));
    expect(resumed.headers.get("location")).toContain("code=");
  });

  const refusals = [
    { name: "no PKCE", change: { code_challenge: undefined, code_challenge_method: undefined } },
    { name: "plain PKCE", change: { code_challenge_method: "plain" } },
    { name: "an implicit flow", change: { response_type: "token" } },
  ];
  it.each(refusals)("refuses $name", async ({ change }) => {
    const callback = await openSignIn(makeHttpBrowser(), authorizeUrl(idp.issuer, change));
    expect(callback).toContain("error=");
    expect(callback).not.toContain("code=");
  });

  it("does not redirect to an address that is not registered", async () => {
    const response = await makeHttpBrowser().get(authorizeUrl(idp.issuer, { redirect_uri: "http://evil.example/" }));
    expect(response.status).toBe(400);
    expect(response.headers.get("location")).toBeNull();
  });

  it("takes a code once, and only with its verifier", async () => {
    const code = (await signIn(makeHttpBrowser(), authorizeUrl(idp.issuer), ada)).searchParams.get("code") ?? "";
    expect((await exchangeCode(idp.issuer, code, "x".repeat(43))).status).toBe(400);
    const response = await exchangeCode(idp.issuer, code);
    expect(response.status).toBe(200);
    expect(response.headers.get("access-control-allow-origin")).toBe(consoleOrigin);
    expect((await exchangeCode(idp.issuer, code)).status).toBe(400);
  });

  it("lets no other origin exchange a code", async () => {
    const body = new URLSearchParams({ grant_type: "authorization_code", client_id: "kombify-console", code: "x" });
    const headers = { origin: "http://evil.example" };
    const response = await fetch(`${idp.issuer}/oauth/v2/token`, { method: "POST", headers, body });
    expect(response.status).toBe(400);
    expect(response.headers.get("access-control-allow-origin")).toBeNull();
  });
});

describe("the sign-in page", () => {
  it("has labels, no script, and a policy that allows none of its own", async () => {
    const browser = makeHttpBrowser();
    const response = await browser.get(await openSignIn(browser, authorizeUrl(idp.issuer, { login_hint: "x@y.z" })));
    const html = await response.text();
    expect(html).toContain('<label for="email">');
    expect(html).toContain('<label for="password">');
    expect(html).toContain('value="x@y.z"');
    expect(html).not.toContain("<script");
    expect(response.headers.get("content-security-policy")).toMatch(
      /default-src 'none'; script-src; style-src 'sha256-/,
    );
    expect(response.headers.get("cache-control")).toBe("no-store");
  });

  it("fills in a demo person without putting the password in the address", async () => {
    const browser = makeHttpBrowser();
    const page = await openSignIn(browser, authorizeUrl(idp.issuer));
    const html = await (await browser.get(`${page}?account=gina%40globex.example`)).text();
    expect(html).toContain('value="gina@globex.example"');
    expect(html).toContain('value="globex-gina-dev"');
    expect(html).toContain('href="?account=ada%40acme.example"');
  });

  const wrong = [
    { name: "a wrong password", email: "ben@acme.example", password: "not it" },
    { name: "an unknown person", email: "<b>nobody</b>@acme.example", password: "acme-ada-dev" },
    { name: "nothing", email: "", password: "" },
  ];
  it.each(wrong)("says the same about $name, and repeats no password", async (form) => {
    const browser = makeHttpBrowser();
    const page = await openSignIn(browser, authorizeUrl(idp.issuer));
    const response = await browser.post(page, { email: form.email, password: form.password });
    const html = await response.text();
    expect(response.status).toBe(401);
    expect(html).toContain('role="alert">The email or the password is not right.');
    expect(html).not.toContain("<b>nobody");
    expect(html).not.toContain("not it");
  });

  it("lets a person in after a wrong attempt, on the same page", async () => {
    const browser = makeHttpBrowser();
    const page = await openSignIn(browser, authorizeUrl(idp.issuer));
    await browser.post(page, { email: "hugo@globex.example", password: "wrong" });
    const good = await browser.post(page, { email: " Hugo@Globex.example", password: "globex-hugo-dev" });
    expect(good.status).toBe(303);
  });

  it("bounds parallel guesses at one person, and leaves others alone", async () => {
    const browser = makeHttpBrowser();
    const page = await openSignIn(browser, authorizeUrl(idp.issuer));
    const guess = (password: string) => browser.post(page, { email: "karl@initech.example", password });
    const answers = await Promise.all(Array.from({ length: 8 }, (_, index) => guess(`guess ${index}`)));
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(3);
    const right = await guess("initech-karl-dev");
    expect(right.status).toBe(429);
    expect(Number(right.headers.get("retry-after"))).toBeGreaterThan(0);
    expect((await browser.post(page, ada)).status).toBe(303);
  });

  it("returns to the console when the person cancels", async () => {
    const callback = await signIn(makeHttpBrowser(), authorizeUrl(idp.issuer), { action: "cancel" });
    expect(callback.searchParams.get("error")).toBe("access_denied");
  });

  it("refuses a form from another origin, and a browser that did not start the sign-in", async () => {
    const browser = makeHttpBrowser();
    const page = await openSignIn(browser, authorizeUrl(idp.issuer));
    expect((await browser.post(page, ada, { origin: "http://evil.example" })).status).toBe(403);
    expect((await browser.post(page, ada, { origin: "null" })).status).toBe(403);
    const other = await makeHttpBrowser().post(page, ada);
    expect(other.status).toBe(400);
    expect(await other.text()).toContain("This sign-in has expired.");
    expect((await browser.post(page, ada, { origin: idp.issuer })).status).toBe(303);
  });
});

describe("a cookie carried to another sign-in's page", () => {
  it("is refused, though it is genuine", async () => {
    const started = await fetch(authorizeUrl(idp.issuer), { redirect: "manual" });
    const cookie = started.headers.getSetCookie().map((line) => line.split(";")[0]);
    const ask = (path: string) => fetch(`${idp.issuer}${path}`, { headers: { cookie: cookie.join("; ") } });
    expect((await ask(started.headers.get("location") ?? "")).status).toBe(200);
    expect((await ask("/ui/login/another")).status).toBe(400);
  });
});

describe("end of session", () => {
  it("asks, signs out and returns to the console", async () => {
    const browser = makeHttpBrowser();
    await signIn(browser, authorizeUrl(idp.issuer), ada);
    const target = encodeURIComponent(`${consoleOrigin}/`);
    const url = `${idp.issuer}/oidc/v1/end_session?client_id=kombify-console&post_logout_redirect_uri=${target}`;
    const html = await (await browser.get(url)).text();
    expect(html).toContain("Sign out of kombify?");
    const [, xsrf = ""] = /name="xsrf" value="([^"]+)"/.exec(html) ?? [];
    const done = await browser.post(`${idp.issuer}/oidc/v1/end_session/confirm`, { xsrf, logout: "yes" });
    expect(done.headers.get("location")).toBe(`${consoleOrigin}/`);
    expect(await openSignIn(browser, authorizeUrl(idp.issuer))).toContain("/ui/login/");
  });
});
