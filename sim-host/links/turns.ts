/** Does things that concern the same key one after the other, in the order in which they were asked for. */
export interface Turns {
  take<T>(key: string, act: () => Promise<T>): Promise<T>;
  /** Resolves when all that was asked for by now has been done. */
  settled(): Promise<void>;
}

export const makeTurns = (): Turns => {
  const last = new Map<string, Promise<unknown>>();
  return {
    async take(key, act) {
      // Whether the one before succeeded is its caller's concern.
      const turn = (last.get(key) ?? Promise.resolve()).then(act, act);
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
