import type { Logger } from "../../shared/kernel/logger.ts";

/** Lets each simulation be reconciled by one at a time, and tries again what failed. */
export interface Reconciler {
  /** Something changed: look at it soon. Cheap, and may be called at any time. */
  wake(tenantId: string, id: string): void;
  /** When the pass that sees everything written by now is over, well or not. */
  settled(tenantId: string, id: string): Promise<void>;
  /** Begins nothing more, and waits for what is under way. */
  stop(): Promise<void>;
}

interface Deps {
  readonly reconcile: (tenantId: string, id: string) => Promise<void>;
  readonly log: Logger;
  readonly random: () => number;
  /** How many simulations of one tenant are worked on at the same time; others wait, and other tenants do not. */
  readonly perTenantMax: number;
}

const pauseMilliseconds = { first: 500, max: 30_000 } as const;

interface Work {
  isDirty: boolean;
  isRunning: boolean;
  failures: number;
  retry: NodeJS.Timeout | undefined;
  waiting: (() => void)[];
}

const makeWork = (): Work => ({ isDirty: false, isRunning: false, failures: 0, retry: undefined, waiting: [] });

interface Entry {
  readonly tenantId: string;
  readonly id: string;
  readonly work: Work;
}

/** One look at a simulation; a failure is noted, and looked at again after a pause that grows. */
const passOver =
  ({ reconcile, log, random }: Deps, wake: Reconciler["wake"]) =>
  async ({ tenantId, id, work }: Entry): Promise<void> => {
    const waiting = work.waiting;
    work.waiting = [];
    work.isDirty = false;
    work.isRunning = true;
    clearTimeout(work.retry);
    try {
      await reconcile(tenantId, id);
      work.failures = 0;
    } catch (error) {
      const reason = error instanceof Error ? error.message : "not an error";
      log.warn("a simulation is not yet as it is wanted; trying again", { simulation: id, reason });
      work.failures += 1;
      const pause = Math.min(pauseMilliseconds.max, pauseMilliseconds.first * 2 ** (work.failures - 1));
      work.retry = setTimeout(() => wake(tenantId, id), pause * (0.5 + random() / 2)).unref();
    } finally {
      work.isRunning = false;
      for (const done of waiting) done();
    }
  };

export const makeReconciler = (deps: Deps): Reconciler => {
  const entries = new Map<string, Entry>();
  const running = new Set<Promise<void>>();
  let isStopped = false;
  const entryOf = (tenantId: string, id: string): Entry => {
    const key = `${tenantId}|${id}`;
    const entry = entries.get(key) ?? { tenantId, id, work: makeWork() };
    entries.set(key, entry);
    return entry;
  };
  const wake = (tenantId: string, id: string): void => {
    if (isStopped) return;
    entryOf(tenantId, id).work.isDirty = true;
    next(tenantId);
  };
  const pass = passOver(deps, wake);
  const next = (tenantId: string): void => {
    const ours = [...entries.values()].filter((entry) => entry.tenantId === tenantId);
    const free = deps.perTenantMax - ours.filter(({ work }) => work.isRunning).length;
    for (const entry of ours.filter(({ work }) => work.isDirty && !work.isRunning).slice(0, Math.max(0, free))) {
      const run = pass(entry).finally(() => {
        running.delete(run);
        const { isDirty, isRunning, failures } = entry.work;
        // Somebody may have begun the next pass already.
        if (!isDirty && !isRunning && failures === 0) entries.delete(`${tenantId}|${entry.id}`);
        if (!isStopped) next(tenantId);
      });
      running.add(run);
    }
  };
  return {
    wake,
    settled: (tenantId, id) =>
      new Promise((done) => {
        if (isStopped) {
          done();
          return;
        }
        entryOf(tenantId, id).work.waiting.push(done);
        wake(tenantId, id);
      }),
    async stop() {
      isStopped = true;
      for (const { work } of entries.values()) {
        clearTimeout(work.retry);
        for (const done of work.waiting) done();
      }
      await Promise.allSettled(running);
    },
  };
};
