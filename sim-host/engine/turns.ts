import { DomainError } from "../../shared/kernel/errors.ts";

/** So many may pass by who waits for several keys, before those are kept for it. */
const overtakenMax = 8;

/** Runs an act while no other one with one of its keys is under way, unless that has called `leave` already. */
export type Turns = <T>(keys: readonly string[], act: (leave: () => void) => Promise<T>) => Promise<T>;

interface Waiting {
  readonly keys: readonly string[];
  readonly begin: () => void;
  overtaken: number;
}

/**
 * Turns by keys, in the order of asking as far as nobody who could begin is kept waiting by it. An act takes all of its keys at once,
 * so that no two wait for each other.
 * @throws DomainError `unavailable` when it is not an act's turn within `waitMilliseconds`; whatever the act throws
 */
export const turns = (waitMilliseconds: number): Turns => {
  const held = new Set<string>();
  let queue: readonly Waiting[] = [];

  const beginAll = (): void => {
    const kept = new Set<string>();
    const passedBy: Waiting[] = [];
    for (const one of queue) {
      if (one.keys.some((key) => held.has(key) || kept.has(key))) {
        passedBy.push(one);
        if (one.overtaken >= overtakenMax) for (const key of one.keys) kept.add(key);
        continue;
      }
      for (const other of passedBy) if (other.keys.some((key) => one.keys.includes(key))) other.overtaken += 1;
      for (const key of one.keys) held.add(key);
      one.begin();
    }
    queue = passedBy;
  };

  const enter = (keys: readonly string[]): Promise<void> =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        queue = queue.filter((one) => one !== waiting);
        reject(new DomainError("unavailable", "The engine is busy with the same networks. Try again in a moment."));
        beginAll();
      }, waitMilliseconds);
      const begin = (): void => {
        clearTimeout(timer);
        resolve();
      };
      const waiting: Waiting = { keys, begin, overtaken: 0 };
      queue = [...queue, waiting];
      beginAll();
    });

  return async (keys, act) => {
    await enter(keys);
    let isHolding = true;
    const leave = (): void => {
      if (!isHolding) return;
      isHolding = false;
      for (const key of keys) held.delete(key);
      beginAll();
    };
    try {
      return await act(leave);
    } finally {
      leave();
    }
  };
};
