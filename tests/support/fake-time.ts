import { setImmediate as nextTurn } from "node:timers/promises";
import type { Time } from "../../sim-host/runs/ports.ts";

interface Sleeper {
  readonly at: number;
  readonly wake: () => void;
}

/** Time that stands still until it is told to go on. */
export interface FakeTime extends Time {
  /** Wakes sleepers in their order, each after everybody has done what there is to do, until the work is done. */
  playUntil<T>(work: Promise<T>): Promise<T>;
  /** The same until that moment, in milliseconds. */
  playTo(milliseconds: number): Promise<void>;
}

/** Turns of the event loop in which real parts (files, promises) get on between two moments. */
const turnsBetween = 12;

export const fakeTime = (): FakeTime => {
  let now = 0;
  let sleepers: readonly Sleeper[] = [];
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < turnsBetween; turn += 1) await nextTurn();
  };
  const wakeNext = (): boolean => {
    const next = [...sleepers].sort((one, other) => one.at - other.at)[0];
    if (next === undefined) return false;
    now = Math.max(now, next.at);
    next.wake();
    return true;
  };
  return {
    nowMilliseconds: () => now,
    sleep: (milliseconds, signal) =>
      new Promise((resolve) => {
        const sleeper: Sleeper = {
          at: now + milliseconds,
          wake() {
            sleepers = sleepers.filter((other) => other !== sleeper);
            signal.removeEventListener("abort", sleeper.wake);
            resolve();
          },
        };
        sleepers = [...sleepers, sleeper];
        signal.addEventListener("abort", sleeper.wake);
        if (signal.aborted) sleeper.wake();
      }),
    async playUntil(work) {
      const over = { is: false };
      const note = (): void => void (over.is = true);
      work.then(note, note);
      await settle();
      while (!over.is) {
        wakeNext();
        await settle();
      }
      return work;
    },
    async playTo(milliseconds) {
      await settle();
      while (sleepers.some(({ at }) => at <= milliseconds)) {
        wakeNext();
        await settle();
      }
      now = Math.max(now, milliseconds);
    },
  };
};
