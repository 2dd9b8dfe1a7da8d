import { DomainError } from "../../shared/kernel/errors.ts";

/** Runs an act when there is room for it, in the order of asking. */
export type CallSlots = <T>(act: () => Promise<T>) => Promise<T>;

/**
 * Room for `atOnceMax` acts under way. Whoever waits longer than `waitMilliseconds` is refused, so that a hung engine fills no memory.
 * @throws DomainError `unavailable` when the wait is over; whatever the act throws
 */
export const callSlots = (atOnceMax: number, waitMilliseconds: number): CallSlots => {
  let underWay = 0;
  const waiting = new Set<() => void>();
  const enter = (): Promise<void> => {
    if (underWay < atOnceMax) {
      underWay += 1;
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      const proceed = (): void => {
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(() => {
        waiting.delete(proceed);
        reject(new DomainError("unavailable", "The engine is busy. Try again in a moment."));
      }, waitMilliseconds);
      waiting.add(proceed);
    });
  };
  const leave = (): void => {
    const [next] = waiting;
    if (next === undefined) {
      underWay -= 1;
      return;
    }
    // The slot passes on without becoming free, or a newcomer would overtake who waits.
    waiting.delete(next);
    next();
  };
  return async (act) => {
    await enter();
    try {
      return await act();
    } finally {
      leave();
    }
  };
};
