import { randomBytes } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import path from "node:path";

import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK } from "jose";
import type { CryptoKey } from "jose";
import { z } from "zod";

const PrivateJwk = z.object({
  kty: z.literal("RSA"),
  alg: z.literal("RS256"),
  use: z.literal("sig"),
  kid: z.string(),
  n: z.string(),
  e: z.string(),
  d: z.string(),
  p: z.string(),
  q: z.string(),
  dp: z.string(),
  dq: z.string(),
  qi: z.string(),
});
type PrivateJwk = z.infer<typeof PrivateJwk>;

const KeyFile = z.strictObject({
  cookieKeys: z.array(z.string()).min(1),
  active: PrivateJwk,
  next: PrivateJwk,
  retired: z.array(z.strictObject({ key: PrivateJwk, retiredAt: z.iso.datetime() })),
});
type KeyFile = z.infer<typeof KeyFile>;

const maximumRetiredKeys = 20;

/** The provider's keys. Published are the active key first, then the next one (not used yet), then retired ones. */
export interface KeyStore {
  readonly cookieKeys: readonly string[];
  published(): readonly PrivateJwk[];
  /** The key new tokens are signed with. */
  active(): Promise<{ readonly kid: string; readonly key: CryptoKey }>;
  /** Activates the next key, retires the active one and makes a spare. Returns the new active `kid`. */
  rotate(): Promise<string>;
}

export interface KeyStoreOptions {
  readonly dataDirectory: string;
  /** How long a retired key stays published: no shorter than the life of the tokens signed with it. */
  readonly retainSeconds: number;
  readonly now: () => Date;
}

const newKey = async (): Promise<PrivateJwk> => {
  const { privateKey } = await generateKeyPair("RS256", { modulusLength: 2048, extractable: true });
  const jwk = await exportJWK(privateKey);
  return PrivateJwk.parse({
    ...jwk,
    alg: "RS256",
    use: "sig",
    kid: await calculateJwkThumbprint(jwk, "sha256"),
  });
};

const signingKey = async (jwk: PrivateJwk): Promise<CryptoKey> => {
  const key = await importJWK(jwk, "RS256");
  if (key instanceof Uint8Array) throw new Error("An RSA key was expected in the key file.");
  return key;
};

/** Written beside and moved into place, so that a crash leaves the old keys or the new ones, never half a file. */
const save = async (file: string, keys: KeyFile): Promise<void> => {
  const draft = `${file}.new`;
  await writeFile(draft, JSON.stringify(keys), { mode: 0o600 });
  await rename(draft, file);
};

const load = async (file: string): Promise<KeyFile | undefined> => {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
  const parsed = KeyFile.safeParse(safeJson(text));
  // The parser's own message could quote key material, so it is left out.
  if (!parsed.success) throw new Error(`${file} is not a key file of this provider. Remove it to get new keys.`);
  return parsed.data;
};

const safeJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const makeKeyFile = async (): Promise<KeyFile> => {
  const [active, next] = await Promise.all([newKey(), newKey()]);
  return { cookieKeys: [randomBytes(32).toString("base64url")], active, next, retired: [] };
};

/** Opens `keys.json` (0600) in the data directory, or makes it. @throws when the file is there but not readable as ours */
export const openKeyStore = async ({ dataDirectory, retainSeconds, now }: KeyStoreOptions): Promise<KeyStore> => {
  await mkdir(dataDirectory, { recursive: true, mode: 0o700 });
  const file = path.join(dataDirectory, "keys.json");
  const found = await load(file);
  let keys = found ?? (await makeKeyFile());
  if (found === undefined) await save(file, keys);

  const rotateOnce = async (): Promise<string> => {
    const spare = await newKey();
    const earliest = now().getTime() - retainSeconds * 1000;
    const retired = [{ key: keys.active, retiredAt: now().toISOString() }, ...keys.retired]
      .filter(({ retiredAt }) => Date.parse(retiredAt) >= earliest)
      .slice(0, maximumRetiredKeys);
    const rotated = { ...keys, active: keys.next, next: spare, retired };
    await save(file, rotated);
    keys = rotated;
    return rotated.active.kid;
  };
  let lastRotation: Promise<unknown> = Promise.resolve();

  return {
    cookieKeys: keys.cookieKeys,
    published: () => [keys.active, keys.next, ...keys.retired.map(({ key }) => key)],
    active: async () => ({ kid: keys.active.kid, key: await signingKey(keys.active) }),
    rotate() {
      // One after the other: two at once would both retire the same key and lose one of the new ones.
      const rotation = lastRotation.then(rotateOnce, rotateOnce);
      lastRotation = rotation;
      return rotation;
    },
  };
};
