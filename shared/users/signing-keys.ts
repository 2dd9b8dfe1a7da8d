import type { Clock } from "../kernel/clock.ts";
import { DomainError } from "../kernel/errors.ts";
import type { SecretStore } from "../secrets/secret-store.ts";

/** Signing keys of the target that gets events, and of the one that complements tokens: separated by blanks or commas. */
export const webhookKeysSecret = "zitadel-webhook-keys";
export const complementKeysSecret = "zitadel-complement-keys";

/** Keys that are good now; several while one is being replaced. */
export interface SigningKeys {
  /** @throws DomainError `unavailable` while there is none */
  current(): Promise<readonly string[]>;
  /** Read anew, for a signature that no known key made; at most every ten seconds. Undefined: nothing new. */
  renewed(): Promise<readonly string[] | undefined>;
}

const keptMilliseconds = 60_000;
const pauseMilliseconds = 10_000;
const keysMax = 5;

export const makeSigningKeys = (secrets: Pick<SecretStore, "read">, name: string, clock: Clock): SigningKeys => {
  let known: { readonly keys: readonly string[]; readonly readAt: number } | undefined;
  const read = async (): Promise<readonly string[]> => {
    const text = (await secrets.read(name)) ?? "";
    const keys = text.split(/[\s,]+/).filter((key) => key !== "");
    // An empty key would make everybody a signer.
    known = { keys: keys.slice(0, keysMax), readAt: clock().getTime() };
    return known.keys;
  };
  return {
    async current() {
      const isFresh = known !== undefined && clock().getTime() - known.readAt < keptMilliseconds;
      const keys = isFresh && known !== undefined ? known.keys : await read();
      if (keys.length === 0) throw new DomainError("unavailable", "This target has no signing key yet.");
      return keys;
    },
    async renewed() {
      const before = known;
      if (before !== undefined && clock().getTime() - before.readAt < pauseMilliseconds) return undefined;
      const keys = await read();
      return keys.join() === before?.keys.join() ? undefined : keys;
    },
  };
};
