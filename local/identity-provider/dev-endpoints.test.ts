import { request as httpRequest } from "node:http";

import { createRemoteJWKSet, errors, jwtVerify } from "jose";
import type { JWTPayload } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { consoleOrigin, makeDataDirectory, postJson, startOn, stringMember } from "./fixtures/running-provider.ts";
import { seededAccounts } from "./seed.ts";
import type { IdentityProvider } from "./server.ts";

const data = await makeDataDirectory();
let idp: IdentityProvider;
beforeAll(async () => {
  idp = await startOn(data.dataDirectory);
});
afterAll(async () => {
  await idp.stop();
  await data.remove();
});

const mint = (body: unknown): Promise<Response> => postJson(`${idp.issuer}/dev/token`, body);
const tokenOf = async (response: Response): Promise<string> => stringMember(await response.json(), "access_token");
const verified = async (body: unknown): Promise<JWTPayload> => {
  const token = await tokenOf(await mint(body));
  return (await jwtVerify(token, createRemoteJWKSet(new URL(idp.jwksUri)))).payload;
};
const roles = "urn:zitadel:iam:org:project:roles";
const ownOrg = "urn:zitadel:iam:user:resourceowner:id";

describe("POST /dev/token", () => {
  it.each(seededAccounts)("acts as $email, with the organisation and the roles of the seed", async (account) => {
    const payload = await verified({ email: account.email });
    expect(payload).toMatchObject({ iss: idp.issuer, sub: account.sub, email: account.email, [ownOrg]: account.orgId });
    expect(payload.exp).toBe((payload.iat ?? 0) + 43_200);
  });

  it("keeps Mallory's admin role to the organisation it was granted for", async () => {
    const payload = await verified({ email: "mallory@initech.example" });
    expect(payload[ownOrg]).toBe("300000000000000301");
    expect(payload[roles]).toEqual({ admin: { "300000000000000101": "acme.example" } });
  });

  const ada = { email: "ada@acme.example" };
  const scenarios: { name: string; body: object; claims: object }[] = [
    { name: "one audience", body: { ...ada, audience: "other" }, claims: { aud: "other" } },
    { name: "several audiences", body: { ...ada, audience: ["a", "b"] }, claims: { aud: ["a", "b"] } },
    { name: "another subject", body: { ...ada, claims: { sub: "1" } }, claims: { sub: "1" } },
    {
      name: "another issuer",
      body: { ...ada, claims: { iss: "http://x.example" } },
      claims: { iss: "http://x.example" },
    },
    {
      name: "other roles",
      body: { ...ada, claims: { [roles]: { owner: { "9": "x" } } } },
      claims: { [roles]: { owner: { "9": "x" } } },
    },
    { name: "another organisation", body: { ...ada, claims: { [ownOrg]: "9" } }, claims: { [ownOrg]: "9" } },
    { name: "an invented claim", body: { ...ada, claims: { a: [1, { b: null }] } }, claims: { a: [1, { b: null }] } },
  ];
  it.each(scenarios)("writes $name into the token", async ({ body, claims }) => {
    expect(await verified(body)).toMatchObject(claims);
  });

  it("leaves out a claim that is null", async () => {
    expect(await verified({ ...ada, claims: { email: null } })).not.toHaveProperty("email");
  });

  it("makes a token that has expired, and was good once", async () => {
    const token = await tokenOf(await mint({ ...ada, expiresInSeconds: -10 }));
    const verification = jwtVerify(token, createRemoteJWKSet(new URL(idp.jwksUri)));
    await expect(verification).rejects.toBeInstanceOf(errors.JWTExpired);
    const anHourAgo = { currentDate: new Date(Date.now() - 3_600_000) };
    expect(await jwtVerify(token, createRemoteJWKSet(new URL(idp.jwksUri)), anHourAgo)).toBeTruthy();
  });

  it("answers in OAuth's form", async () => {
    const response = await mint({ ...ada, expiresInSeconds: 5 });
    expect(await response.json()).toMatchObject({ expires_in: 5, token_type: "Bearer" });
    expect(response.headers.get("cache-control")).toBe("no-store");
  });

  const bad = [
    { name: "an unknown person", body: { email: "nobody@acme.example" }, detail: "Seeded are: olivia@kombify.example" },
    { name: "no email", body: {}, detail: "email" },
    { name: "an unknown member", body: { ...ada, expires: 1 }, detail: "expires" },
    { name: "a fraction of a second", body: { ...ada, expiresInSeconds: 1.5 }, detail: "expiresInSeconds" },
    { name: "an empty audience", body: { ...ada, audience: [] }, detail: "audience" },
    { name: "a list", body: [], detail: "body" },
  ];
  it.each(bad)("refuses $name and says why", async ({ body, detail }) => {
    const response = await mint(body);
    expect(response.status).toBe(400);
    expect(response.headers.get("content-type")).toBe("application/problem+json");
    expect(stringMember(await response.json(), "detail")).toContain(detail);
  });

  const shapes = [
    {
      name: "no JSON",
      init: { method: "POST", body: "{", headers: { "content-type": "application/json" } },
      status: 400,
    },
    { name: "a form", init: { method: "POST", body: new URLSearchParams({ email: "x" }) }, status: 415 },
    { name: "GET", init: {}, status: 405 },
    {
      name: "a large body",
      init: { method: "POST", body: `"${"x".repeat(70_000)}"`, headers: { "content-type": "application/json" } },
      status: 413,
    },
  ];
  it.each(shapes)("answers $status to $name", async ({ init, status }) => {
    expect((await fetch(`${idp.issuer}/dev/token`, init)).status).toBe(status);
  });
});

describe("who may use the development endpoints", () => {
  const statusUnderHost = (host: string): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      const request = httpRequest(
        `${idp.issuer}/dev/keys/rotate`,
        { method: "POST", headers: { host } },
        (response) => {
          response.resume();
          resolve(response.statusCode);
        },
      );
      request.on("error", reject);
      request.end();
    });

  it("refuses pages of other origins and names that are not loopback", async () => {
    const evil = { origin: "http://evil.example" };
    expect((await postJson(`${idp.issuer}/dev/token`, { email: "ada@acme.example" }, evil)).status).toBe(403);
    const own = { origin: consoleOrigin };
    expect((await postJson(`${idp.issuer}/dev/token`, { email: "ada@acme.example" }, own)).status).toBe(200);
    expect(await statusUnderHost("rebound.example:1234")).toBe(403);
    expect(await statusUnderHost("rebound.localhost:1234")).toBe(403);
  });

  it("refuses everybody when the provider is not bound to loopback", async () => {
    const open = await makeDataDirectory();
    const exposed = await startOn(open.dataDirectory, { host: "0.0.0.0" });
    try {
      for (const path of ["/dev/token", "/dev/keys/rotate"]) {
        const response = await postJson(`${exposed.issuer}${path}`, { email: "ada@acme.example" });
        expect(response.status).toBe(403);
        expect(stringMember(await response.json(), "code")).toBe("not-loopback");
      }
    } finally {
      await exposed.stop();
      await open.remove();
    }
  });
});

describe("userinfo", () => {
  const ask = (token: string): Promise<Response> =>
    fetch(`${idp.issuer}/oidc/v1/userinfo`, { headers: { authorization: `Bearer ${token}`, origin: consoleOrigin } });

  it("says who the token is about", async () => {
    const response = await ask(await tokenOf(await mint({ email: "ada@acme.example" })));
    expect(response.headers.get("access-control-allow-origin")).toBe(consoleOrigin);
    const body: unknown = await response.json();
    expect(body).toMatchObject({ sub: "300000000000001101", email: "ada@acme.example", name: "Ada Archer" });
    expect(body).not.toHaveProperty("exp");
  });

  const refused = [
    { name: "an expired token", change: { expiresInSeconds: -1 } },
    { name: "a token of another issuer", change: { claims: { iss: "http://x.example" } } },
  ];
  it.each(refused)("refuses $name", async ({ change }) => {
    const response = await ask(await tokenOf(await mint({ email: "ada@acme.example", ...change })));
    expect(response.status).toBe(401);
    expect(response.headers.get("www-authenticate")).toContain("invalid_token");
  });

  it("refuses a forged token, and allows only the console's origin", async () => {
    const token = await tokenOf(await mint({ email: "ada@acme.example" }));
    const [header = "", , signature = ""] = token.split(".");
    const forged = Buffer.from(JSON.stringify({ iss: idp.issuer, sub: "1", exp: 9_999_999_999 })).toString("base64url");
    expect((await ask(`${header}.${forged}.${signature}`)).status).toBe(401);
    const preflight = { method: "OPTIONS", headers: { origin: "http://evil.example" } };
    const answer = await fetch(`${idp.issuer}/oidc/v1/userinfo`, preflight);
    expect(answer.headers.get("access-control-allow-origin")).toBeNull();
  });
});
