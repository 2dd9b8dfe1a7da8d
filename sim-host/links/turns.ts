/**
 * Does things that concern the same key one after the other, in the order in which they were asked for, and so many things
 * at a time altogether: each of them runs programs.
 */
export interface Turns {
  take<T>(key: string, act: () => Promise<T>): Promise<T>;
  /** Resolves when all that was asked for by now has been done. */
  settled(): Promise<void>;
}

/** Lets so many be inside at a time; the others wait in the order of their coming. */
const makeGate = (atOnceMax: number) => {
  const waiting: (() => void)[] = [];
  let inside = 0;
  return async <T>(act: () => Promise<T>): Promise<T> => {
    if (inside < atOnceMax) inside += 1;
    else await new Promise<void>((enter) => waiting.push(enter));
    try {
      return await act();
    } finally {
      // Whoever waits takes the place that is left.
      const next = waiting.shift();
      if (next === undefined) inside -= 1;
      else next();
    }
  };
};

export const makeTurns = (atOnceMax: number): Turns => {
  const last = new Map<string, Promise<unknown>>();
  const throughGate = makeGate(atOnceMax);
  return {
    async take(key, act) {
      const begin = () => throughGate(act);
      // Whether the one before succeeded is its caller's concern.
      const turn = (last.get(key) ?? Promise.resolve()).then(begin, begin);
      last.set(key, turn);
      try {
        return await turn;
      } finally {
        if (last.get(key) === turn) last.delete(key);
      }
    },
    async settled() {
      await Promise.allSettled(last.values());
    },
  };
};
