import { importJWK, type CryptoKey } from "jose";
import { z } from "zod";

const freshMilliseconds = 300_000;
const staleMilliseconds = 86_400_000;
const unknownKeyCoolDownMilliseconds = 10_000;
const failureCoolDownMilliseconds = 1000;
const fetchTimeoutMilliseconds = 5000;
const maximumBytes = 262_144;

const Jwks = z.object({ keys: z.array(z.unknown()) });
/** A key the gateway can use; whatever else a set holds is left out. */
const UsableKey = z.object({
  kty: z.literal("RSA"),
  kid: z.string().min(1),
  use: z.literal("sig").optional(),
  alg: z.literal("RS256").optional(),
  n: z.string(),
  e: z.string(),
});

type Keys = ReadonlyMap<string, CryptoKey>;

/** The issuer's keys could not be had and none that is held can answer; the caller maps it to 503, never 401. */
export class KeysUnavailable extends Error {
  override readonly name = "KeysUnavailable";
}

/** The RS256 key with this id; undefined when the issuer does not publish it. @throws KeysUnavailable */
export type FindKey = (kid: string) => Promise<CryptoKey | undefined>;

const readLimited = async (response: Response): Promise<string> => {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    if (size > maximumBytes) throw new Error("the key set is larger than 256 KiB");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
};

const fetchKeys = async (uri: string): Promise<Keys> => {
  const response = await fetch(uri, {
    redirect: "error",
    headers: { accept: "application/json" },
    signal: AbortSignal.timeout(fetchTimeoutMilliseconds),
  });
  if (response.status !== 200) {
    await response.body?.cancel();
    throw new Error(`the key set was answered with status ${response.status}`);
  }
  const { keys } = Jwks.parse(JSON.parse(await readLimited(response)));
  const usable = new Map<string, CryptoKey>();
  for (const entry of keys) {
    const { success, data } = UsableKey.safeParse(entry);
    if (!success) continue;
    const key = await importJWK({ kty: data.kty, n: data.n, e: data.e }, "RS256");
    if (!(key instanceof Uint8Array)) usable.set(data.kid, key);
  }
  if (usable.size === 0) throw new Error("the key set has no RSA signing key with a kid");
  return usable;
};

/**
 * Keys of one issuer by id: fetched once, refreshed after 5 minutes, and served up to 24 hours after the last good answer
 * while the issuer is down. An unknown id causes one fetch, then none for 10 seconds.
 */
export const makeJwksCache = (uri: string, nowMilliseconds: () => number): FindKey => {
  let keys: Keys = new Map();
  let fetchedAt = Number.NEGATIVE_INFINITY;
  let failedAt = Number.NEGATIVE_INFINITY;
  let failure: unknown;
  let unknownKeyAskedAt = Number.NEGATIVE_INFINITY;
  let underWay: Promise<void> | undefined;

  const load = async (): Promise<void> => {
    try {
      keys = await fetchKeys(uri);
      fetchedAt = nowMilliseconds();
      failure = undefined;
    } catch (error) {
      failure = error;
      failedAt = nowMilliseconds();
    }
  };
  const refresh = async (): Promise<void> => {
    if (failure !== undefined && nowMilliseconds() - failedAt < failureCoolDownMilliseconds) return;
    underWay ??= load().finally(() => (underWay = undefined));
    await underWay;
  };

  const ageMilliseconds = (): number => nowMilliseconds() - fetchedAt;
  const held = (kid: string): CryptoKey | undefined =>
    ageMilliseconds() < staleMilliseconds ? keys.get(kid) : undefined;
  const lookForUnknownKey = async (): Promise<void> => {
    if (nowMilliseconds() - unknownKeyAskedAt >= unknownKeyCoolDownMilliseconds) {
      unknownKeyAskedAt = nowMilliseconds();
      await refresh();
    } else await underWay;
  };

  return async (kid) => {
    const isCold = ageMilliseconds() >= staleMilliseconds;
    if (isCold) await refresh();
    else if (ageMilliseconds() >= freshMilliseconds) void refresh();
    if (!isCold && held(kid) === undefined) await lookForUnknownKey();
    const key = held(kid);
    if (key === undefined && failure !== undefined) {
      throw new KeysUnavailable("the identity provider's keys cannot be read", { cause: failure });
    }
    return key;
  };
};
