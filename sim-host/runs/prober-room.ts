import type { ProbeChild } from "./probe-child.ts";
import { sharePlaces } from "./share-places.ts";

/** The programs of one run. */
export interface RunPlaces {
  /** Starts one as soon as there is a place for this run. @throws Error when there is none for 5 s, or the run is over */
  start(launch: () => ProbeChild): Promise<ProbeChild>;
  /** It may be asked more: it is there, and does not have to make room for another run's. */
  isUsable(child: ProbeChild): boolean;
  /** It has been asked something, and is through with it when the work ends: others rest longer. */
  use<T>(child: ProbeChild, work: Promise<T>): Promise<T>;
  /** Ends all of them, and every wait for one. */
  end(): Promise<void>;
}

/** The programs of all runs: at most so many at the same time, in fair shares. */
export interface ProberRoom {
  enter(): RunPlaces;
}

interface Place {
  readonly run: symbol;
  readonly usedAtMilliseconds: number;
}

interface Waiting {
  readonly run: symbol;
  admit(): void;
  refuse(reason: string): void;
}

interface Options {
  readonly childrenMax: number;
  /** Of a clock that only goes forward. */
  readonly nowMilliseconds: () => number;
}

const patienceMilliseconds = 5_000;
/** Most nodes probe once a second. */
const idleMilliseconds = 5_000;

const makeBook = ({ childrenMax, nowMilliseconds }: Options) => {
  /** The one used last is the last. */
  const places = new Map<ProbeChild, Place>();
  const leaving = new Set<ProbeChild>();
  const waiting = new Set<Waiting>();
  const isUsable = (child: ProbeChild): boolean => child.isUsable() && !leaving.has(child);
  const takenOnes = () => {
    const now = nowMilliseconds();
    return [...places]
      .filter(([child]) => isUsable(child))
      .map(([child, { run, usedAtMilliseconds }]) => ({
        ...{ child, run, isResting: child.isResting(), isIdle: now - usedAtMilliseconds >= idleMilliseconds },
      }));
  };
  /** To be called whenever something may have changed. */
  const share = (): void => {
    const taken = takenOnes();
    const moves = sharePlaces({
      ...{ taken, askers: [...waiting], free: childrenMax - places.size, coming: places.size - taken.length },
    });
    for (const { child } of moves.leaving) leaving.add(child);
    for (const child of leaving) if (child.isResting()) child.kill();
    for (const asker of moves.admitted) asker.admit();
  };
  const use = (child: ProbeChild, run: symbol): void => {
    places.delete(child);
    places.set(child, { run, usedAtMilliseconds: nowMilliseconds() });
  };
  const add = (child: ProbeChild, run: symbol): ProbeChild => {
    use(child, run);
    void child.ready.then(share);
    void child.ended.then(() => {
      places.delete(child);
      leaving.delete(child);
      share();
    });
    return child;
  };
  return { places, waiting, isUsable, share, use, add };
};

export const makeProberRoom = (options: Options): ProberRoom => {
  const { places, waiting, isUsable, share, use, add } = makeBook(options);
  return {
    enter() {
      const run = Symbol("run");
      let isOver = false;
      return {
        start: (launch) =>
          new Promise((resolve, reject) => {
            const settle = (act: () => void): void => {
              clearTimeout(timer);
              waiting.delete(one);
              act();
            };
            const one: Waiting = {
              run,
              admit: () =>
                settle(() => {
                  try {
                    resolve(add(launch(), run));
                  } catch (cause) {
                    reject(new Error("a prober cannot be started", { cause }));
                  }
                }),
              refuse: (reason) => settle(() => reject(new Error(reason))),
            };
            const timer = setTimeout(() => one.refuse("all probers are busy"), patienceMilliseconds);
            if (isOver) {
              one.refuse("the prober is closed");
              return;
            }
            waiting.add(one);
            share();
          }),
        isUsable,
        use(child, work) {
          if (places.has(child)) use(child, run);
          return work.finally(share);
        },
        async end() {
          isOver = true;
          for (const one of [...waiting]) if (one.run === run) one.refuse("the prober is closed");
          const mine = [...places].flatMap(([child, place]) => (place.run === run ? [child] : []));
          for (const child of mine) child.kill();
          await Promise.all(mine.map(({ ended }) => ended));
        },
      };
    },
  };
};
