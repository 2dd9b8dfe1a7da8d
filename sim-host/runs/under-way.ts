/** Work that has begun and not ended. It handles its own failures: none of it rejects. */
export interface UnderWay {
  /** `what` it is for, where that is asked for below. */
  track(work: Promise<void>, what?: number): void;
  count(): number;
  /** Resolves when everything that is under way now has ended, or everything of that. */
  ended(what?: number): Promise<void>;
}

export const makeUnderWay = (): UnderWay => {
  const works = new Map<Promise<void>, number | undefined>();
  return {
    track(work, what) {
      const tracked = work.finally(() => works.delete(tracked));
      works.set(tracked, what);
    },
    count: () => works.size,
    async ended(what) {
      await Promise.all([...works].flatMap(([work, of]) => (what === undefined || of === what ? [work] : [])));
    },
  };
};
