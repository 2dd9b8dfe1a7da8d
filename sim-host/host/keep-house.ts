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
  /** The lease went to another host: nothing may be done any more. */
  readonly onLost: () => void;
}

const renewMilliseconds = 4_000;

export const keepHouse = (chores: readonly Chore[], { lease, log, onLost }: Deps): House => {
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
  const renew = setInterval(() => {
    if (!lease.hold()) onLost();
  }, renewMilliseconds);
  const timers = [renew, ...chores.map(begin)];
  return {
    async stop() {
      for (const timer of timers) clearInterval(timer);
      await Promise.allSettled(running);
    },
  };
};
