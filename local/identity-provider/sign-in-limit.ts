import type { Account } from "./seed.ts";

const maximumFailures = 5;
const windowSeconds = 60;

/** Bounds failed sign-ins: five a minute for a person, and five a minute for all unknown addresses together. */
export interface SignInLimit {
  /** Counts an attempt before its password is looked at, so that parallel guesses count too. Seconds to wait, or 0. */
  begin(account: Account | undefined): number;
  /** The attempt was good: the person starts afresh. */
  succeed(account: Account): void;
}

/** Holds one entry for each seeded person and one for everybody else, so its size is bounded too. */
export const makeSignInLimit = (now: () => Date): SignInLimit => {
  const attempts = new Map<string, readonly number[]>();
  return {
    begin(account) {
      const key = account?.sub ?? "";
      const at = now().getTime();
      const recent = (attempts.get(key) ?? []).filter((time) => time > at - windowSeconds * 1000);
      const [oldest] = recent;
      if (oldest !== undefined && recent.length >= maximumFailures) {
        return Math.ceil((oldest - at) / 1000) + windowSeconds;
      }
      attempts.set(key, [...recent, at]);
      return 0;
    },
    succeed(account) {
      attempts.delete(account.sub);
    },
  };
};
