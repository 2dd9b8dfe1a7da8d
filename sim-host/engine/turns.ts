import { DomainError } from "../../shared/kernel/errors.ts";

/** Runs an act when all that were asked for before it with one of its keys are over. */
export type Turns = <T>(keys: readonly string[], act: () => Promise<T>) => Promise<T>;

/** Whether this is over before the time is. */
const isOverIn = async (milliseconds: number, before: Promise<unknown>): Promise<boolean> => {
  const late: PromiseWithResolvers<boolean> = Promise.withResolvers();
  const timer = setTimeout(() => late.resolve(false), milliseconds);
  try {
    return await Promise.race([before.then(() => true), late.promise]);
  } finally {
    clearTimeout(timer);
  }
};

/**
 * Turns by keys. Places for all keys are taken at once, so that two acts never wait for each other.
 * @throws DomainError `unavailable` when it is not an act's turn within `waitMilliseconds`; whatever the act throws
 */
export const turns = (waitMilliseconds: number): Turns => {
  const last = new Map<string, Promise<void>>();
  return async (keys, act) => {
    const before = Promise.all(keys.flatMap((key) => last.get(key) ?? []));
    const mine: PromiseWithResolvers<void> = Promise.withResolvers();
    for (const key of keys) last.set(key, mine.promise);
    const leave = (): void => {
      mine.resolve();
      for (const key of keys) if (last.get(key) === mine.promise) last.delete(key);
    };
    if (!(await isOverIn(waitMilliseconds, before))) {
      // Who comes next must still wait for those before.
      void before.then(leave);
      throw new DomainError("unavailable", "The engine is busy with the same networks. Try again in a moment.");
    }
    try {
      return await act();
    } finally {
      leave();
    }
  };
};
