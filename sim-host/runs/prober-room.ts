import type { ProbeChild } from "./probe-child.ts";

/** The programs of all probers: at most so many at the same time. */
export interface ProberRoom {
  /** Starts one, in the place of the one that has rested longest when there are too many. @throws Error when all stay busy */
  start(launch: () => ProbeChild): Promise<ProbeChild>;
  /** Is used just now: others rest longer. */
  use(child: ProbeChild): void;
  /** Something was finished: a place may be free. */
  readonly rested: () => void;
}

const patienceMilliseconds = 5_000;

export const makeProberRoom = (childrenMax: number): ProberRoom => {
  /** The one used last is the last. */
  const children = new Set<ProbeChild>();
  let waiting: (() => void)[] = [];

  const untilRested = (patience: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      waiting.push(resolve);
      patience.addEventListener("abort", () => resolve(), { once: true });
    });
  const rested = (): void => {
    const those = waiting;
    waiting = [];
    for (const goOn of those) goOn();
  };
  return {
    async start(launch) {
      const patience = AbortSignal.timeout(patienceMilliseconds);
      while (children.size >= childrenMax) {
        const resting = [...children].find((child) => child.isResting());
        resting?.kill();
        await untilRested(patience);
        if (patience.aborted) throw new Error("all probers are busy");
      }
      const child = launch();
      children.add(child);
      void child.ended.then(() => {
        children.delete(child);
        rested();
      });
      return child;
    },
    use(child) {
      if (children.delete(child)) children.add(child);
    },
    rested,
  };
};
