import type { Clock } from "../../shared/kernel/clock.ts";

/** `ageMillisecondsMax`: an older answer is asked for again, fresh or not. @throws what asking throws, when no answer is good any more */
export type ReadAnswer<Q, T> = (question: Q, ageMillisecondsMax?: number) => Promise<T>;

interface Options<Q, T> {
  /** Gets what was known before, to ask whether it still holds. Bounded in time. */
  readonly ask: (question: Q, before: T | undefined) => Promise<T>;
  readonly keyOf: (question: Q) => string;
  /** How long an answer is not asked for again. */
  readonly freshMilliseconds: (answer: T) => number;
  /** How long an answer is good while asking fails. */
  readonly staleMilliseconds: number;
  /** How long nobody asks again after asking failed. */
  readonly pauseMilliseconds: number;
  readonly entriesMax: number;
  readonly clock: Clock;
}

interface Entry<T> {
  readonly answer: T;
  readonly askedAt: number;
  readonly freshUntil: number;
  /** Asking failed, and is not tried again before. */
  readonly pausedUntil: number;
}

/**
 * Keeps answers for a while, and those that were good for longer while nobody answers. Many who ask at the same moment ask
 * once. The entry that was used least recently makes room for a new one.
 */
export const keepAnswers = <Q, T>(options: Options<Q, T>): ReadAnswer<Q, T> => {
  const { ask, keyOf, freshMilliseconds, staleMilliseconds, pauseMilliseconds, entriesMax, clock } = options;
  const entries = new Map<string, Entry<T>>();
  const underWay = new Map<string, Promise<T>>();

  const keep = (key: string, entry: Entry<T>): void => {
    entries.delete(key);
    entries.set(key, entry);
    const oldest = entries.keys().next();
    if (entries.size > entriesMax && oldest.done !== true) entries.delete(oldest.value);
  };
  const refresh = async (question: Q, before: Entry<T> | undefined): Promise<T> => {
    const key = keyOf(question);
    try {
      const answer = await ask(question, before?.answer);
      const now = clock().getTime();
      keep(key, { answer, askedAt: now, freshUntil: now + freshMilliseconds(answer), pausedUntil: now });
      return answer;
    } catch (error) {
      const now = clock().getTime();
      if (before === undefined || now >= before.askedAt + staleMilliseconds) throw error;
      keep(key, { ...before, pausedUntil: now + pauseMilliseconds });
      return before.answer;
    }
  };
  const isGood = ({ askedAt, freshUntil, pausedUntil }: Entry<T>, ageMax: number): boolean => {
    const now = clock().getTime();
    return now < pausedUntil || (now < freshUntil && now - askedAt < ageMax);
  };
  return (question, ageMillisecondsMax = Infinity) => {
    const key = keyOf(question);
    const entry = entries.get(key);
    if (entry !== undefined && isGood(entry, ageMillisecondsMax)) {
      keep(key, entry);
      return Promise.resolve(entry.answer);
    }
    const asking = underWay.get(key) ?? refresh(question, entry).finally(() => underWay.delete(key));
    underWay.set(key, asking);
    return asking;
  };
};
