import type { Logger } from "../../shared/kernel/logger.ts";
import type { Lease } from "./lease.ts";

export interface Chore {
  readonly name: string;
  readonly everyMilliseconds: number;
  readonly run: () => void | Promise<void>;
}

/** Chores at their pace, none of them twice at the same time, and none without the lease. */
export interface House {
  stop(): Promise<void>;
}

interface Deps {
  readonly lease: Lease;
  readonly log: Logger;
}

const renewMilliseconds = 4_000;

/** Renews the lease until the answer is called. `onLost`: it went to another host, and nothing may be done any more. */
export const keepLease = (lease: Lease, onLost: () => void): (() => void) => {
  const renewing = setInterval(() => {
    if (!lease.hold()) onLost();
  }, renewMilliseconds);
  return () => clearInterval(renewing);
};

export const keepHouse = (chores: readonly Chore[], { lease, log }: Deps): House => {
  const running = new Set<Promise<void>>();
  const begin = ({ name, everyMilliseconds, run }: Chore): NodeJS.Timeout => {
    let isBusy = false;
    const once = async (): Promise<void> => {
      isBusy = true;
      try {
        lease.fence();
        await run();
      } catch (error) {
        log.warn(`${name}: not done this time`, { reason: error instanceof Error ? error.message : "not an error" });
      } finally {
        isBusy = false;
      }
    };
    return setInterval(() => {
      if (isBusy) return;
      const turn = once().finally(() => running.delete(turn));
      running.add(turn);
    }, everyMilliseconds);
  };
  const timers = chores.map(begin);
  return {
    async stop() {
      for (const timer of timers) clearInterval(timer);
      await Promise.allSettled(running);
    },
  };
};
