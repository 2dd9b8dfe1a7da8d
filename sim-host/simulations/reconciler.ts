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

export const makeReconciler = ({ reconcile, log, random, perTenantMax }: Deps): Reconciler => {
  const works = new Map<string, { readonly tenantId: string; readonly id: string; readonly work: Work }>();
  let isStopped = false;
  const running = new Set<Promise<void>>();
  const runningOf = (tenantId: string): number =>
    [...works.values()].filter((entry) => entry.tenantId === tenantId && entry.work.isRunning).length;

  const retryLater = (tenantId: string, id: string, work: Work): void => {
    work.failures += 1;
    const pause = Math.min(pauseMilliseconds.max, pauseMilliseconds.first * 2 ** (work.failures - 1));
    work.retry = setTimeout(() => wake(tenantId, id), pause * (0.5 + random() / 2)).unref();
  };
  const pass = async (tenantId: string, id: string, work: Work): Promise<void> => {
    const waiting = work.waiting;
    work.waiting = [];
    work.isDirty = false;
    work.isRunning = true;
    clearTimeout(work.retry);
    try {
      await reconcile(tenantId, id);
      work.failures = 0;
    } catch (error) {
      log.warn("a simulation is not yet as it is wanted; trying again", { simulation: id, reason: String(error) });
      retryLater(tenantId, id, work);
    } finally {
      work.isRunning = false;
      for (const done of waiting) done();
    }
  };
  const next = (tenantId: string): void => {
    for (const [key, { tenantId: owner, id, work }] of works) {
      if (isStopped || runningOf(tenantId) >= perTenantMax) return;
      if (owner !== tenantId || !work.isDirty || work.isRunning) continue;
      const run = pass(tenantId, id, work).finally(() => {
        running.delete(run);
        if (!work.isDirty && work.failures === 0) works.delete(key);
        next(tenantId);
      });
      running.add(run);
    }
  };
  const workOf = (tenantId: string, id: string): Work => {
    const key = `${tenantId}|${id}`;
    const entry = works.get(key) ?? { tenantId, id, work: makeWork() };
    works.set(key, entry);
    return entry.work;
  };
  const wake = (tenantId: string, id: string): void => {
    if (isStopped) return;
    workOf(tenantId, id).isDirty = true;
    next(tenantId);
  };
  return {
    wake,
    settled: (tenantId, id) =>
      new Promise((done) => {
        if (isStopped) {
          done();
          return;
        }
        workOf(tenantId, id).waiting.push(done);
        wake(tenantId, id);
      }),
    async stop() {
      isStopped = true;
      for (const { work } of works.values()) {
        clearTimeout(work.retry);
        for (const done of work.waiting) done();
      }
      await Promise.allSettled(running);
    },
  };
};
