import { EncryptJWT, errors, exportJWK, generateSecret, jwtDecrypt } from "jose";
import type { JWTPayload } from "jose";
import type { Clock } from "../kernel/clock.ts";
import type { SecretStore } from "../secrets/secret-store.ts";

/** Seals small facts for the browser to keep, so that it can neither read nor change them. */
export interface Sealer {
  /** @param purpose what the text is for; it opens for this purpose only */
  seal(purpose: string, facts: JWTPayload, lifeSeconds: number): Promise<string>;
  /** The facts, or undefined for what is forged, over, of another purpose or sealed with a key that is too old. */
  open(purpose: string, sealed: string): Promise<JWTPayload | undefined>;
}

const encryption = { alg: "dir", enc: "A256GCM" } as const;

/** A key seals for one month and opens for one more; nothing that is sealed lives that long. */
const monthOf = (date: Date): string => date.toISOString().slice(0, 7);
const monthBefore = (date: Date): string => monthOf(new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() - 1)));

/** Name of the secret that holds a month's key, as base64url of 32 bytes. The month is the key id. */
const secretNameOf = (month: string): string => `dashboard-session-key-${month}`;

const newKey = async (): Promise<string> => {
  const { k } = await exportJWK(await generateSecret(encryption.enc, { extractable: true }));
  if (k === undefined) throw new Error("A symmetric key was made without its bytes.");
  return k;
};

/** JWE (RFC 7516) with keys from the secret store; every worker finds the same key, whoever made it. */
export const makeSealer = ({
  secrets,
  clock,
}: {
  readonly secrets: Pick<SecretStore, "read" | "createIfAbsent">;
  readonly clock: Clock;
}): Sealer => {
  const keys = new Map<string, Uint8Array>();
  const keyOf = async (month: string, isWanted: boolean): Promise<Uint8Array | undefined> => {
    const known = keys.get(month);
    if (known !== undefined) return known;
    const name = secretNameOf(month);
    const text =
      (await secrets.read(name)) ?? (isWanted ? await secrets.createIfAbsent(name, await newKey()) : undefined);
    if (text === undefined) return undefined;
    const key = Buffer.from(text, "base64url");
    keys.set(month, key);
    return key;
  };
  return {
    async seal(purpose, facts, lifeSeconds) {
      const now = clock();
      const month = monthOf(now);
      const key = await keyOf(month, true);
      if (key === undefined) throw new Error("There is no key to seal with.");
      return new EncryptJWT(facts)
        .setProtectedHeader({ ...encryption, kid: month })
        .setAudience(purpose)
        .setExpirationTime(Math.floor(now.getTime() / 1000) + lifeSeconds)
        .encrypt(key);
    },
    async open(purpose, sealed) {
      const now = clock();
      const keyFor = async ({ kid = "" }: { readonly kid?: string }): Promise<Uint8Array> => {
        const isCurrent = kid === monthOf(now) || kid === monthBefore(now);
        const key = isCurrent ? await keyOf(kid, false) : undefined;
        if (key === undefined) throw new errors.JWEInvalid("the key id is not known");
        return key;
      };
      try {
        const { payload } = await jwtDecrypt(sealed, keyFor, {
          audience: purpose,
          currentDate: now,
          requiredClaims: ["exp"],
          keyManagementAlgorithms: [encryption.alg],
          contentEncryptionAlgorithms: [encryption.enc],
        });
        return payload;
      } catch (error) {
        if (error instanceof errors.JOSEError) return undefined;
        throw error;
      }
    },
  };
};
