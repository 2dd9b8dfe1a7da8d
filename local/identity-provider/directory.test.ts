import { createHmac, generateKeyPairSync } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:http";
import { text } from "node:stream/consumers";

import { decodeJwt, importPKCS8, SignJWT } from "jose";
import { afterEach, describe, expect, it } from "vitest";

import { makeCall } from "../../shared/adapters/zitadel/call.ts";
import { zitadelDirectory } from "../../shared/adapters/zitadel/directory.ts";
import { makeDataDirectory, postJson, startOn, stringMember } from "./fixtures/running-provider.ts";
import { tokensFor } from "./fixtures/browser.ts";
import type { IdentityProviderOptions } from "./config.ts";
import { projectId } from "./seed.ts";

const [acme, globex] = ["300000000000000101", "300000000000000201"];
const [ada, ben, mallory] = ["300000000000001101", "300000000000001102", "300000000000001304"];
const signingKey = "a-signing-key-of-the-test";
const { privateKey, publicKey } = generateKeyPairSync("rsa", {
  modulusLength: 2048,
  publicKeyEncoding: { type: "spki", format: "pem" },
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
});
const machineUser = { userId: "900", keyId: "901", publicKey };

const cleanUps: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

type Behaviour = (request: IncomingMessage, response: ServerResponse, body: string) => void;

/** A target that keeps what it is told, and answers as it is told to. */
const aTarget = async (behave: Behaviour) => {
  const calls: { readonly body: string; readonly signature: string }[] = [];
  const server = createServer((request, response) => {
    text(request).then(
      (body) => {
        calls.push({ body, signature: String(request.headers["zitadel-signature"]) });
        behave(request, response, body);
      },
      () => response.destroy(),
    );
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const close = (): Promise<void> =>
    new Promise((done) => {
      server.close(() => done());
      server.closeAllConnections();
    });
  cleanUps.push(close);
  return { url: `http://127.0.0.1:${port}/`, calls, close };
};
const ok: Behaviour = (_request, response) => response.end("{}");

const aProvider = async (overrides: Partial<IdentityProviderOptions> = {}, dataDirectory?: string) => {
  const own = dataDirectory === undefined ? await makeDataDirectory() : undefined;
  if (own !== undefined) cleanUps.push(own.remove);
  const directory = dataDirectory ?? own?.dataDirectory ?? "";
  const provider = await startOn(directory, { machineUser, ...overrides });
  let isStopped = false;
  const stop = async (): Promise<void> => {
    if (!isStopped) await provider.stop();
    isStopped = true;
  };
  cleanUps.push(stop);
  const { issuer } = provider;
  const change = async (what: string, body: unknown): Promise<number> =>
    (await postJson(`${issuer}/dev/${what}`, body)).status;
  const secret = JSON.stringify({ type: "serviceaccount", key: privateKey, keyId: "901", userId: "900" });
  const api = zitadelDirectory({
    issuer,
    projectId,
    secrets: { read: () => Promise.resolve(secret) },
    call: makeCall({ issuer, random: Math.random, sleep: () => Promise.resolve() }),
    now: () => new Date(),
  });
  const mint = async (email: string) =>
    decodeJwt(stringMember(await (await postJson(`${issuer}/dev/token`, { email })).json(), "access_token"));
  return { issuer, change, api, mint, stop, dataDirectory: directory };
};

describe("the directory, as the platform's own client reads it", () => {
  it("shows people, grants of our project and organisations as seeded, and the log that explains them", async () => {
    const { api } = await aProvider();
    const adaNow = { kind: "person", isActive: true, orgId: acme, email: "ada@acme.example", name: "Ada Archer" };
    expect(await api.user(ada)).toEqual(adaNow);
    expect(await api.grants(ada)).toMatchObject([{ orgId: acme, roles: ["admin"] }]);
    expect(await api.grants(mallory)).toMatchObject([{ orgId: acme, roles: ["admin"] }]);
    expect([await api.organisation(acme), await api.organisation("1")]).toEqual(["active", undefined]);
    const log = await api.eventsFrom(null, 500);
    expect(log.filter(({ type }) => type === "user.human.added")).toHaveLength(11);
    const [grant] = log.filter(({ type }) => type === "user.grant.added");
    expect(await api.grantHolder(grant?.aggregateId ?? "")).toBe("300000000000001001");
    expect(await api.eventsFrom("2100-01-01T00:00:00.000Z", 500)).toEqual([]);
  });

  it("follows every change, and keeps it over a restart", async () => {
    const first = await aProvider();
    const { api, change } = first;
    const user = async (action: string) => change("users", { email: "ben@acme.example", action });
    for (const [action, isActive] of [
      ["deactivate", false],
      ["reactivate", true],
      ["lock", false],
      ["unlock", true],
    ] as const) {
      expect(await user(action)).toBe(200);
      expect(await api.user(ben)).toMatchObject({ isActive });
    }
    expect(await user("unlock")).toBe(400);
    expect(await change("grants", { email: "ben@acme.example", roles: ["admin"] })).toBe(200);
    expect(await api.grants(ben)).toMatchObject([{ roles: ["admin"] }]);
    expect(await change("organisations", { orgId: globex, action: "deactivate" })).toBe(200);
    expect(await change("users", { email: "ada@acme.example", action: "remove" })).toBe(200);
    await first.stop();
    const again = await aProvider({}, first.dataDirectory);
    expect(await again.api.user(ada)).toBeUndefined();
    expect([await again.api.wasRemoved("user", ada), await again.api.wasRemoved("user", ben)]).toEqual([true, false]);
    expect(await again.api.grants(ben)).toMatchObject([{ roles: ["admin"] }]);
    expect(await again.api.organisation(globex)).toBe("inactive");
    const sequences = (await again.api.eventsFrom(null, 500))
      .filter(({ aggregateId }) => aggregateId === ben)
      .map(({ sequence }) => sequence);
    expect(sequences).toEqual([1, 2, 3, 4, 5]);
  });

  it("signs nobody in who is gone, deactivated or of a deactivated organisation, and tokens have the roles of now", async () => {
    const { issuer, change, mint } = await aProvider();
    await change("grants", { email: "ben@acme.example", roles: ["admin", "member"] });
    const roles = (await mint("ben@acme.example"))["urn:zitadel:iam:org:project:roles"];
    expect(roles).toEqual({ admin: { [acme]: "acme.example" }, member: { [acme]: "acme.example" } });
    await change("users", { email: "ben@acme.example", action: "deactivate" });
    await change("users", { email: "ada@acme.example", action: "remove" });
    await change("organisations", { orgId: globex, action: "deactivate" });
    for (const email of ["ben@acme.example", "ada@acme.example", "gina@globex.example"]) {
      expect((await postJson(`${issuer}/dev/token`, { email })).status).toBe(400);
    }
    await expect(tokensFor(issuer, "ben@acme.example", "acme-ben-dev")).rejects.toThrow();
  });

  it("is for the machine user only, with a key of its own", async () => {
    const { issuer } = await aProvider();
    const url = `${issuer}/v2/users/${ada}`;
    expect((await fetch(url)).status).toBe(401);
    const person = stringMember(
      await (await postJson(`${issuer}/dev/token`, { email: "ada@acme.example" })).json(),
      "access_token",
    );
    expect((await fetch(url, { headers: { authorization: `Bearer ${person}` } })).status).toBe(401);
    const strangers = generateKeyPairSync("rsa", {
      modulusLength: 2048,
      publicKeyEncoding: { type: "spki", format: "pem" },
      privateKeyEncoding: { type: "pkcs8", format: "pem" },
    });
    const assertion = await new SignJWT({ iss: "900", sub: "900", aud: issuer })
      .setProtectedHeader({ alg: "RS256", kid: "901" })
      .setIssuedAt()
      .setExpirationTime("1m")
      .sign(await importPKCS8(strangers.privateKey, "RS256"));
    const grant_type = "urn:ietf:params:oauth:grant-type:jwt-bearer";
    const body = new URLSearchParams({ grant_type, assertion });
    const answer = await fetch(`${issuer}/oauth/v2/token`, { method: "POST", body });
    expect([answer.status, await answer.json()]).toMatchObject([400, { error: "invalid_grant" }]);
  });
});

describe("event calls", () => {
  it("are signed over the bytes, in Zitadel's words, once and in order", async () => {
    const target = await aTarget(ok);
    const { change } = await aProvider({ webhook: { url: target.url, signingKey } });
    await change("users", { email: "ben@acme.example", action: "deactivate" });
    await change("users", { email: "dora@acme.example", action: "add", name: "Dora Dunn", orgId: acme });
    await change("users", { email: "ben@acme.example", action: "remove" });
    await expect.poll(() => target.calls.length).toBe(4);
    for (const { body, signature } of target.calls) {
      const [, seconds = "", hex] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(signature) ?? [];
      expect(hex).toBe(createHmac("sha256", signingKey).update(`${seconds}.${body}`).digest("hex"));
      expect(Math.abs(Number(seconds) - Date.now() / 1000)).toBeLessThan(10);
    }
    const bodies = target.calls.map(({ body }) => JSON.parse(body) as Record<string, unknown>);
    expect(bodies.map((body) => body["event_type"])).toEqual([
      "user.deactivated",
      "user.human.added",
      "user.grant.cascade.removed",
      "user.removed",
    ]);
    expect(bodies[0]).toMatchObject({ aggregateID: ben, aggregateType: "user", resourceOwner: acme, sequence: 2 });
    expect(bodies[0]).not.toHaveProperty("event_payload");
  });

  it("that are not taken are not told again, and hold nothing up", async () => {
    const target = await aTarget((_request, response) => response.writeHead(500).end());
    const { change, api } = await aProvider({ webhook: { url: target.url, signingKey, timeoutMilliseconds: 200 } });
    await change("users", { email: "ben@acme.example", action: "lock" });
    await expect.poll(() => target.calls.length).toBe(1);
    await change("deliveries", { isHeld: true });
    await change("users", { email: "ben@acme.example", action: "unlock" });
    await change("deliveries", { isHeld: false });
    await change("users", { email: "ben@acme.example", action: "deactivate" });
    await expect.poll(() => target.calls.length).toBe(2);
    expect((await api.eventsFrom(null, 500)).slice(-3).map(({ type }) => type)).toEqual([
      "user.locked",
      "user.unlocked",
      "user.deactivated",
    ]);
  });
});

describe("the complement of tokens", () => {
  const claim =
    (value: string): Behaviour =>
    (_request, response) =>
      response.end(JSON.stringify({ append_claims: [{ key: "urn:kombify:plan", value }] }));

  it("is in access tokens, and replaces no claim that is there", async () => {
    const target = await aTarget((_request, response) => {
      const append_claims = [
        { key: "urn:kombify:plan", value: "pro" },
        { key: "sub", value: "somebody-else" },
      ];
      response.end(JSON.stringify({ append_claims }));
    });
    const { issuer, mint } = await aProvider({ complement: { url: target.url, signingKey } });
    expect(await mint("ada@acme.example")).toMatchObject({ sub: ada, "urn:kombify:plan": "pro" });
    const { accessToken } = await tokensFor(issuer, "ada@acme.example", "acme-ada-dev");
    expect(decodeJwt(accessToken)).toMatchObject({ sub: ada, "urn:kombify:plan": "pro" });
    const body = JSON.parse(target.calls[0]?.body ?? "") as Record<string, unknown>;
    expect(body).toMatchObject({ function: "function/preaccesstoken", user: { id: ada }, org: { id: acme } });
  });

  it.each<readonly [string, Behaviour]>([
    ["hangs", () => undefined],
    ["begins to answer and never ends", (_request, response) => response.write("{")],
    ["hangs up", (_request, response) => response.destroy()],
    [
      "refuses our signature",
      (_request, response) => response.writeHead(401).end('{"code":"zitadel-signature-invalid"}'),
    ],
    ["is broken", (_request, response) => response.writeHead(500).end()],
    ["answers a page", (_request, response) => response.end("<html>")],
    ["answers other JSON", (_request, response) => response.end('{"append_claims":"urn:kombify:plan"}')],
    ["answers a megabyte", (_request, response) => response.end(`"${"x".repeat(1_000_000)}"`)],
    ["redirects", (_request, response) => response.writeHead(302, { location: "http://127.0.0.1:1/" }).end()],
  ])("that %s costs the claims and no sign-in", async (_name, behave) => {
    const target = await aTarget(behave);
    const { issuer } = await aProvider({ complement: { url: target.url, signingKey, timeoutMilliseconds: 150 } });
    const begun = performance.now();
    const { accessToken } = await tokensFor(issuer, "ada@acme.example", "acme-ada-dev");
    expect(performance.now() - begun).toBeLessThan(5_000);
    expect(decodeJwt(accessToken)).toMatchObject({ sub: ada });
    expect(decodeJwt(accessToken)).not.toHaveProperty("urn:kombify:plan");
    expect(target.calls.length).toBeGreaterThan(0);
  });

  it("that is down costs the claims and no sign-in", async () => {
    const target = await aTarget(claim("pro"));
    const { mint } = await aProvider({ complement: { url: target.url, signingKey } });
    await target.close();
    const claims = await mint("ada@acme.example");
    expect(claims).toMatchObject({ sub: ada });
    expect(claims).not.toHaveProperty("urn:kombify:plan");
  });
});
