import { z } from "zod";
import { isoAfter } from "../kernel/clock.ts";

/** The public half of an ES256 key (RFC 7518, 6.2); anything else an exported key holds is dropped. */
export const PublicKey = z.object({ kty: z.literal("EC"), crv: z.literal("P-256"), x: z.string(), y: z.string() });

/** One signing key: its public half, when it may sign from (`activeFrom`) and until (`retiredAt`). */
const RingKey = z.object({
  /** RFC 7638 thumbprint. */
  kid: z.string(),
  /** Name under which the secret store holds the private half. */
  secretName: z.string(),
  publicKey: PublicKey,
  activeFrom: z.string(),
  retiredAt: z.string().nullable(),
});
export type RingKey = z.infer<typeof RingKey>;

export const KeyRing = z.object({ id: z.literal("launch-keys"), kind: z.literal("key-ring"), keys: z.array(RingKey) });
export type KeyRing = z.infer<typeof KeyRing>;

/**
 * A new key is published this long before it signs: a verifier may hold an older key set for its cache time (10 minutes)
 * and its cool-down (30 seconds).
 */
const publishAheadMilliseconds = 11 * 60_000;
/** A key stays published after its last signature: a token lives 60 s, and clocks and caches differ. */
const publishAfterMilliseconds = 15 * 60_000;
/** Keys are replaced after this time without anybody asking. */
const lifetimeMilliseconds = 30 * 24 * 60 * 60_000;

export const emptyRing: KeyRing = { id: "launch-keys", kind: "key-ring", keys: [] };

/** The key that signs now; undefined only for an empty ring. */
export const signingKey = (ring: KeyRing, now: Date): RingKey | undefined =>
  ring.keys
    .filter((key) => key.activeFrom <= now.toISOString())
    .reduce<RingKey | undefined>(
      (best, key) => (best === undefined || best.activeFrom <= key.activeFrom ? key : best),
      undefined,
    );

/** Keys that verifiers must know: the next, the active and those whose last token may still be under way. */
export const publishedKeys = (ring: KeyRing, now: Date): readonly RingKey[] =>
  ring.keys.filter(
    (key) => key.retiredAt === null || now.toISOString() < isoAfter(new Date(key.retiredAt), publishAfterMilliseconds),
  );

/** Whether it is time for a new key: none yet, or the newest is old enough. A pending key is the newest. */
export const needsKey = (ring: KeyRing, now: Date): boolean => {
  const newest = ring.keys
    .map((key) => key.activeFrom)
    .sort()
    .at(-1);
  return newest === undefined || isoAfter(new Date(newest), lifetimeMilliseconds) <= now.toISOString();
};

/** The ring with one more key: at once if it is the first, otherwise after everybody has had time to learn it. */
export const withNewKey = (
  ring: KeyRing,
  key: Pick<RingKey, "kid" | "secretName" | "publicKey">,
  now: Date,
): KeyRing => {
  const activeFrom = ring.keys.length === 0 ? now.toISOString() : isoAfter(now, publishAheadMilliseconds);
  return {
    ...ring,
    keys: [
      ...publishedKeys(ring, now).map((old) => ({ ...old, retiredAt: old.retiredAt ?? activeFrom })),
      { ...key, activeFrom, retiredAt: null },
    ],
  };
};
