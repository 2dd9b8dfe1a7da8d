import { randomUUID } from "node:crypto";
import type { CryptoKey } from "jose";
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from "jose";
import { beforeAll, expect, test } from "vitest";
import type { LaunchKeys } from "./launch-keys.ts";
import { audienceOf, signLaunchToken, verifyLaunchToken } from "./launch-token.ts";

const now = new Date("2026-01-01T00:00:00.000Z");
const seconds = now.getTime() / 1000;
const issuer = "http://localhost:8000";
const kid = "key-1";
let keys: LaunchKeys;
let privateKey: CryptoKey;

const claims = {
  iss: issuer,
  aud: audienceOf("stack-westeurope-1"),
  sub: "person",
  tid: "tenant",
  org: "org",
  jti: "a-nonce-of-more-than-128-bits",
  iat: seconds,
};

beforeAll(async () => {
  const pair = await generateKeyPair("ES256", { extractable: true });
  privateKey = pair.privateKey;
  const publicKey = { ...(await exportJWK(pair.publicKey)), kid, alg: "ES256" };
  keys = {
    signer: () => Promise.resolve({ kid, key: privateKey }),
    publicKeys: () => Promise.resolve({ keys: [publicKey] }),
    rotate: () => Promise.resolve(false),
  };
});

const verify = (token: string, at = now) => verifyLaunchToken(token, { keys, issuer, now: at });

const present = (members: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));

/** A token that differs in some claims or header members; undefined removes one. */
const forge = (change: Record<string, unknown>, header: Record<string, unknown> = {}) =>
  new SignJWT(present({ ...claims, nbf: seconds, exp: seconds + 60, ...change }))
    .setProtectedHeader({ alg: "ES256", ...present({ kid, typ: "launch+jwt", ...header }) })
    .sign(privateKey, { crit: { x: true } });

test("a token that was just signed is accepted with exactly its claims", async () => {
  expect(await verify(await signLaunchToken(keys, claims))).toEqual({ ...claims, nbf: seconds, exp: seconds + 60 });
});

test.each([
  { what: "another issuer", change: { iss: "http://evil" } },
  { what: "an audience list, even with one entry", change: { aud: [claims.aud] } },
  { what: "no audience", change: { aud: undefined } },
  { what: "no token id", change: { jti: undefined } },
  { what: "a short token id", change: { jti: "short" } },
  { what: "no expiry", change: { exp: undefined } },
  { what: "a life of more than 60 seconds", change: { exp: seconds + 61 } },
  { what: "not valid yet", change: { nbf: seconds + 30 } },
  { what: "issued in the future", change: { iat: seconds + 30, exp: seconds + 90 } },
  { what: "no tenant", change: { tid: undefined } },
  { what: "a number as organisation", change: { org: 5 } },
])("refused: $what", async ({ change }) => {
  await expect(verify(await forge(change))).rejects.toMatchObject({ code: "launch-token-invalid" });
});

test.each([
  { what: "another type", header: { typ: "JWT" } },
  { what: "no type", header: { typ: undefined } },
  { what: "an unknown key", header: { kid: randomUUID() } },
  { what: "no key id, although only one key is published", header: { kid: undefined } },
  { what: "an unknown critical member", header: { crit: ["x"], x: 1 } },
])("refused: $what in a header that is properly signed", async ({ header }) => {
  await expect(verify(await forge({}, header))).rejects.toMatchObject({ code: "launch-token-invalid" });
});

test("refused: unsigned, or signed with the public key as a shared secret", async () => {
  const unsigned = new UnsecuredJWT({ ...claims, exp: seconds + 60 }).encode();
  await expect(verify(unsigned)).rejects.toMatchObject({ code: "launch-token-invalid" });
  const [published] = (await keys.publicKeys()).keys;
  const secret = new TextEncoder().encode(JSON.stringify(published));
  const confused = await new SignJWT({ ...claims, nbf: seconds, exp: seconds + 60 })
    .setProtectedHeader({ alg: "HS256", kid, typ: "launch+jwt" })
    .sign(secret);
  await expect(verify(confused)).rejects.toMatchObject({ code: "launch-token-invalid" });
});

test("expired by more than the tolerance is said plainly", async () => {
  const token = await signLaunchToken(keys, claims);
  await expect(verify(token, new Date(now.getTime() + 64_000))).resolves.toMatchObject({ sub: "person" });
  await expect(verify(token, new Date(now.getTime() + 66_000))).rejects.toMatchObject({ code: "launch-token-expired" });
});

test("one changed character anywhere refuses the token", async () => {
  const token = await signLaunchToken(keys, claims);
  for (const position of [5, token.indexOf(".") + 5, token.length - 5]) {
    const other = token[position] === "A" ? "B" : "A";
    const changed = token.slice(0, position) + other + token.slice(position + 1);
    await expect(verify(changed)).rejects.toMatchObject({ code: "launch-token-invalid" });
  }
});
