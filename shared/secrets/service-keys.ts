import { createHash, timingSafeEqual } from "node:crypto";
import type { Clock } from "../kernel/clock.ts";
import { DomainError } from "../kernel/errors.ts";
import type { Logger } from "../kernel/logger.ts";
import type { SecretStore } from "./secret-store.ts";

/** Two names, so that a new key is good before the old one is taken away. */
const slots = ["service-key-a", "service-key-b"] as const;
export type ServiceKeyName = (typeof slots)[number];

export const isServiceKeyName = (name: string): name is ServiceKeyName => slots.some((slot) => slot === name);

/**
 * Keys by which other services of the platform show that they are one. Their values are read from the secret store by who
 * needs them; they are never shown.
 */
export interface ServiceKeys {
  /** Whether this is one of the keys. Keys are known for half a minute. @throws DomainError `unavailable` */
  isKey(presented: string): Promise<boolean>;
  names(): Promise<readonly ServiceKeyName[]>;
  /** Makes the first key, or a second one beside it. @throws DomainError `conflict` when there are two */
  add(by: string): Promise<ServiceKeyName>;
  /** @throws DomainError `not-found`; `conflict` for the last one, without which no service could go on */
  remove(name: ServiceKeyName, by: string): Promise<void>;
}

interface ServiceKeysDeps {
  readonly secrets: SecretStore;
  readonly newSecret: () => string;
  readonly clock: Clock;
  readonly log: Logger;
}

const cacheMilliseconds = 30_000;
/** By which scanners for leaked secrets know one. */
const prefix = "ksk_";

/** Of the same length whatever was presented, as constant-time comparison needs. */
const digestOf = (key: string): Buffer => createHash("sha256").update(key).digest();

export const makeServiceKeys = ({ secrets, newSecret, clock, log }: ServiceKeysDeps): ServiceKeys => {
  let cached: { readonly digests: readonly Buffer[]; readonly until: number } | undefined;
  const present = async () => {
    const values = await Promise.all(slots.map(async (name) => ({ name, value: await secrets.read(name) })));
    return values.flatMap(({ name, value }) => (value === undefined ? [] : [{ name, value }]));
  };
  const digests = async (): Promise<readonly Buffer[]> => {
    const now = clock().getTime();
    if (cached === undefined || cached.until <= now) {
      cached = { digests: (await present()).map(({ value }) => digestOf(value)), until: now + cacheMilliseconds };
    }
    return cached.digests;
  };
  const names = async (): Promise<readonly ServiceKeyName[]> => (await present()).map(({ name }) => name);
  return {
    names,
    async isKey(presented) {
      const digest = digestOf(presented);
      // No early exit: every key is compared, each in constant time.
      const matches = (await digests()).filter((key) => timingSafeEqual(key, digest));
      return matches.length > 0;
    },
    async add(by) {
      const taken = await names();
      const name = slots.find((slot) => !taken.includes(slot));
      if (name === undefined)
        throw new DomainError("conflict", "There are two service keys already: remove one first.");
      await secrets.createIfAbsent(name, `${prefix}${newSecret()}`);
      cached = undefined;
      log.info("a service key was added", { name, by });
      return name;
    },
    async remove(name, by) {
      const taken = await names();
      if (!taken.includes(name)) throw new DomainError("not-found", "There is no service key with this name.");
      if (taken.length === 1) throw new DomainError("conflict", "This is the only service key: add another one first.");
      await secrets.remove(name);
      cached = undefined;
      log.info("a service key was removed", { name, by });
    },
  };
};
