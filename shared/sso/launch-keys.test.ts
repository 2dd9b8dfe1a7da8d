import { randomUUID } from "node:crypto";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { fileSecretStore } from "../adapters/files/secret-store.ts";
import { sqliteDocumentStore } from "../adapters/sqlite/document-store.ts";
import type { LaunchKeys } from "./launch-keys.ts";
import { makeLaunchKeys } from "./launch-keys.ts";
import { signLaunchToken, verifyLaunchToken } from "./launch-token.ts";

const minutes = 60_000;
let directory: string;
let now: number;
let keys: LaunchKeys;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "launch-keys-"));
  now = Date.UTC(2026, 0, 1);
  const documents = sqliteDocumentStore(":memory:");
  keys = makeLaunchKeys({
    documents,
    secrets: fileSecretStore(directory),
    clock: () => new Date(now),
    newId: randomUUID,
  });
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const issuer = "http://localhost:8000";
const sign = (): Promise<string> =>
  signLaunchToken(keys, {
    ...{ iss: issuer, aud: "urn:kombify:stack:one", sub: "person", tid: "tenant", org: "org" },
    ...{ jti: "a-nonce-of-more-than-128-bits", iat: Math.floor(now / 1000) },
  });
const verify = (token: string) => verifyLaunchToken(token, { keys, issuer, now: new Date(now) });

test("20 first users at once agree on one key", async () => {
  const signers = await Promise.all(Array.from({ length: 20 }, () => keys.signer()));
  expect(new Set(signers.map(({ kid }) => kid)).size).toBe(1);
  expect((await keys.publicKeys()).keys).toHaveLength(1);
});

test("no private member is ever published, and the secret store has it", async () => {
  await keys.signer();
  expect((await keys.publicKeys()).keys.every((key) => key.d === undefined && key.kty === "EC")).toBe(true);
  const [file = ""] = await readdir(directory);
  expect(JSON.parse(await readFile(join(directory, file), "utf8"))).toHaveProperty("d");
});

test("through a rotation every token that was valid stays valid", async () => {
  const old = (await keys.signer()).kid;
  expect(await keys.rotate(false)).toBe(false);
  expect(await keys.rotate(true)).toBe(true);
  for (let minute = 0; minute < 40; minute += 1) {
    const token = await sign();
    now += 50_000;
    await expect(verify(token)).resolves.toMatchObject({ sub: "person" });
    now += 10_000;
  }
  expect((await keys.signer()).kid).not.toBe(old);
  expect((await keys.publicKeys()).keys).toHaveLength(1);
});

test("a key that signs was published for longer than a verifier caches", async () => {
  await keys.signer();
  await keys.rotate(true);
  const published = (await keys.publicKeys()).keys.map(({ kid }) => kid);
  now += 10.5 * minutes;
  expect(published).toContain((await keys.signer()).kid);
});

test("after 30 days a key is replaced without being asked", async () => {
  await keys.signer();
  now += 31 * 24 * 60 * minutes;
  expect(await keys.rotate(false)).toBe(true);
  expect(await keys.rotate(false)).toBe(false);
});
