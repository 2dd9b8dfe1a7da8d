/** Does something with each item, at most `atOnce` of them at a time, in their order. */
export const inParallel = async <T>(
  items: readonly T[],
  atOnce: number,
  act: (item: T) => Promise<void>,
): Promise<void> => {
  const rest = items[Symbol.iterator]();
  // The workers share one iterator: each takes the next item when it is free.
  const worker = async (): Promise<void> => {
    for (const item of rest) await act(item);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker));
};
