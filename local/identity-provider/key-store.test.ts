import { readFile, stat, writeFile } from "node:fs/promises";
import path from "node:path";

import { calculateJwkThumbprint, createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from "jose";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { makeHttpBrowser } from "../process/http-browser.ts";
import { authorizeUrl, openSignIn, signIn, tokensFor } from "./fixtures/browser.ts";
import { makeDataDirectory, postJson, startOn, stringMember } from "./fixtures/running-provider.ts";
import { openKeyStore } from "./key-store.ts";
import type { IdentityProvider } from "./server.ts";

let data: Awaited<ReturnType<typeof makeDataDirectory>>;
let running: IdentityProvider[] = [];
beforeEach(async () => {
  data = await makeDataDirectory();
});
afterEach(async () => {
  await Promise.all(running.map(({ stop }) => stop()));
  running = [];
  await data.remove();
});

const start = async (port = 0): Promise<IdentityProvider> => {
  const idp = await startOn(data.dataDirectory, { port });
  running.push(idp);
  return idp;
};
const restart = async (idp: IdentityProvider): Promise<IdentityProvider> => {
  await idp.stop();
  running = [];
  return start(Number(new URL(idp.issuer).port));
};
const devToken = async ({ issuer }: IdentityProvider): Promise<string> =>
  stringMember(await (await postJson(`${issuer}/dev/token`, { email: "ada@acme.example" })).json(), "access_token");
const kidOf = (token: string): string | undefined => decodeProtectedHeader(token).kid;
const publishedKids = async ({ jwksUri }: IdentityProvider): Promise<(string | undefined)[]> => {
  const { keys } = (await (await fetch(jwksUri)).json()) as { keys: { kid?: string }[] };
  return keys.map(({ kid }) => kid);
};
const rotate = async ({ issuer }: IdentityProvider): Promise<string> =>
  stringMember(await (await postJson(`${issuer}/dev/keys/rotate`, {})).json(), "kid");

describe("rotation", () => {
  it("activates the key that was published as next, and keeps the old one published", async () => {
    const idp = await start();
    const before = await publishedKids(idp);
    const oldToken = await devToken(idp);
    expect(kidOf(oldToken)).toBe(before[0]);

    expect(await rotate(idp)).toBe(before[1]);

    const after = await publishedKids(idp);
    expect(after).toHaveLength(3);
    expect([after[0], after[2]]).toEqual([before[1], before[0]]);
    const fromFlow = await tokensFor(idp.issuer, "ada@acme.example", "acme-ada-dev");
    for (const token of [await devToken(idp), fromFlow.accessToken, fromFlow.idToken])
      expect(kidOf(token)).toBe(before[1]);
    expect(await jwtVerify(oldToken, createRemoteJWKSet(new URL(idp.jwksUri)))).toBeTruthy();
  });

  it("loses no key when asked several times at once", async () => {
    const idp = await start();
    const [first] = await publishedKids(idp);
    const activated = await Promise.all([rotate(idp), rotate(idp), rotate(idp)]);
    expect(new Set([first, ...activated]).size).toBe(4);
    // Answers overtake each other: any of them may be the last rotation.
    expect(activated).toContain((await publishedKids(idp))[0]);
    expect(new Set(await publishedKids(idp)).size).toBe(5);
  });

  it("keeps a running sign-in and its code alive", async () => {
    const idp = await start();
    const browser = makeHttpBrowser();
    const page = await openSignIn(browser, authorizeUrl(idp.issuer));
    await rotate(idp);
    expect((await browser.post(page, { email: "ada@acme.example", password: "acme-ada-dev" })).status).toBe(303);
  });

  it("drops a retired key when no token signed with it can be alive", async () => {
    let time = Date.parse("2026-01-01T00:00:00Z");
    const now = (): Date => new Date(time);
    const keys = await openKeyStore({ dataDirectory: data.dataDirectory, retainSeconds: 100, now });
    const [first] = keys.published();
    await keys.rotate();
    expect(keys.published()).toContainEqual(first);
    time += 101_000;
    await keys.rotate();
    expect(keys.published()).not.toContainEqual(first);
    expect(keys.published()).toHaveLength(3);
  });
});

describe("restart", () => {
  it("keeps the keys, the spare and the people signed in", async () => {
    const idp = await start();
    const browser = makeHttpBrowser();
    await signIn(browser, authorizeUrl(idp.issuer), { email: "ada@acme.example", password: "acme-ada-dev" });
    const token = await devToken(idp);
    await rotate(idp);
    const kids = await publishedKids(idp);

    const again = await restart(idp);

    expect(again.issuer).toBe(idp.issuer);
    expect(await publishedKids(again)).toEqual(kids);
    expect(await jwtVerify(token, createRemoteJWKSet(new URL(again.jwksUri)))).toBeTruthy();
    expect(await openSignIn(browser, authorizeUrl(again.issuer))).toContain("code=");
  });
});

describe("the key file", () => {
  it("is for its owner alone, and kid is the thumbprint", async () => {
    const { jwksUri } = await start();
    const file = path.join(data.dataDirectory, "keys.json");
    for (const name of ["keys.json", "sessions.sqlite"]) {
      expect((await stat(path.join(data.dataDirectory, name))).mode & 0o777).toBe(0o600);
    }
    expect(await readFile(file, "utf8")).toContain('"d":');
    const { keys } = (await (await fetch(jwksUri)).json()) as { keys: { kid: string; kty: string }[] };
    for (const key of keys) expect(key.kid).toBe(await calculateJwkThumbprint(key));
  });

  it("that is not ours stops the start, and its content is not repeated", async () => {
    await (await start()).stop();
    running = [];
    await writeFile(path.join(data.dataDirectory, "keys.json"), '{"secret":"do-not-show"}');
    const failure = start();
    await expect(failure).rejects.toThrow("is not a key file of this provider");
    await expect(failure).rejects.not.toThrow("do-not-show");
  });
});
