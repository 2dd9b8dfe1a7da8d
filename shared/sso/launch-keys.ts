import type { CryptoKey, JWK } from "jose";
import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK } from "jose";
import { catalogContainer } from "../documents/catalog-container.ts";
import type { DocumentContainer, DocumentStore, Stored } from "../documents/document-store.ts";
import { DocumentChanged, DocumentConflict } from "../documents/document-store.ts";
import type { Clock } from "../kernel/clock.ts";
import { DomainError } from "../kernel/errors.ts";
import type { NewId } from "../kernel/ids.ts";
import type { SecretStore } from "../secrets/secret-store.ts";
import { emptyRing, KeyRing, needsKey, PublicKey, publishedKeys, signingKey, withNewKey } from "./key-ring.ts";

export interface LaunchKeysDeps {
  readonly documents: DocumentStore;
  readonly secrets: SecretStore;
  readonly clock: Clock;
  readonly newId: NewId;
}

/** The keys that sign launch tokens; private halves live in the secret store only. */
export interface LaunchKeys {
  signer(): Promise<{ readonly kid: string; readonly key: CryptoKey }>;
  /** Public halves as a JWK set (RFC 7517): next, active and lately retired. */
  publicKeys(): Promise<{ readonly keys: readonly JWK[] }>;
  /** Adds a key if it is time for one, or in any case when forced. True: a key was added. */
  rotate(force: boolean): Promise<boolean>;
}

const alg = "ES256";
const ringCacheMilliseconds = 30_000;

/** Secrets of P-256 keys are read back as the CryptoKey they were made as, never as raw bytes. */
const asPrivateKey = async (secret: string): Promise<CryptoKey> => {
  const key = await importJWK(JSON.parse(secret) as JWK, alg);
  if (key instanceof Uint8Array) throw new TypeError("A launch key's secret holds a symmetric key.");
  return key;
};

type Rings = DocumentContainer<KeyRing>;

/**
 * Makes a key, stores its private half first, then publishes its public half in the ring that was found.
 * @throws DocumentConflict, DocumentChanged when another worker changed the ring meanwhile
 */
const addKey = async (
  { secrets, clock, newId }: LaunchKeysDeps,
  rings: Rings,
  found: Stored<KeyRing> | undefined,
): Promise<void> => {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  const published = PublicKey.parse(await exportJWK(publicKey));
  const kid = await calculateJwkThumbprint(published);
  const secretName = `launch-key-${newId()}`;
  await secrets.createIfAbsent(secretName, JSON.stringify(await exportJWK(privateKey)));
  const next = withNewKey(found?.value ?? emptyRing, { kid, secretName, publicKey: published }, clock());
  await (found === undefined ? rings.create(next) : rings.replace(next, found.etag));
};

/** The ring as it was read at most half a minute ago; an empty one is filled. */
const openRing = (deps: LaunchKeysDeps) => {
  const rings = deps.documents.container(catalogContainer, (raw) => KeyRing.parse(raw));
  let cached: { readonly ring: KeyRing; readonly until: number } | undefined;

  const read = async (): Promise<KeyRing> => {
    const now = deps.clock().getTime();
    if (cached !== undefined && now < cached.until) return cached.ring;
    const ring = (await rings.read("key-ring", "launch-keys"))?.value ?? emptyRing;
    if (ring.keys.length > 0) cached = { ring, until: now + ringCacheMilliseconds };
    return ring;
  };

  const rotate = async (force: boolean): Promise<boolean> => {
    const found = await rings.read("key-ring", "launch-keys");
    if (!force && !needsKey(found?.value ?? emptyRing, deps.clock())) return false;
    try {
      await addKey(deps, rings, found);
      return true;
    } catch (error) {
      // Another worker rotated at the same moment; one new key is enough.
      if (error instanceof DocumentConflict || error instanceof DocumentChanged) return false;
      throw error;
    } finally {
      cached = undefined;
    }
  };

  // One filling at a time: the first requests of a new platform come together, and each key made in vain is a secret.
  let filling: Promise<boolean> | undefined;
  const filled = async (): Promise<KeyRing> => {
    const ring = await read();
    if (ring.keys.length > 0) return ring;
    filling ??= rotate(false).finally(() => (filling = undefined));
    await filling;
    return read();
  };
  return { filled, rotate };
};

export const makeLaunchKeys = (deps: LaunchKeysDeps): LaunchKeys => {
  const { secrets, clock } = deps;
  const ring = openRing(deps);
  const privateKeys = new Map<string, Promise<CryptoKey>>();

  const loadPrivateKey = async (secretName: string): Promise<CryptoKey> => {
    const secret = await secrets.read(secretName);
    if (secret === undefined) throw new DomainError("unavailable", "A launch key's secret is missing.");
    return asPrivateKey(secret);
  };

  return {
    async signer() {
      const active = signingKey(await ring.filled(), clock());
      if (active === undefined) throw new DomainError("unavailable", "There is no active launch key.");
      const key = privateKeys.get(active.kid) ?? loadPrivateKey(active.secretName);
      privateKeys.set(active.kid, key);
      key.catch(() => privateKeys.delete(active.kid));
      return { kid: active.kid, key: await key };
    },
    async publicKeys() {
      const keys = publishedKeys(await ring.filled(), clock());
      return { keys: keys.map(({ kid, publicKey }) => ({ ...publicKey, kid, alg, use: "sig" })) };
    },
    rotate: ring.rotate,
  };
};
