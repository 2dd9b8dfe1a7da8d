/** Works on one item. Calls `onMyTurnOver` when the next one may begin; false: those behind are not to be begun. */
export type Work<T> = (item: T, onMyTurnOver: () => void) => Promise<boolean>;

/**
 * Works on the items in their order, `atOnceMax` of them side by side: the part of the work before `onMyTurnOver` (or the
 * whole of it) is done by one item at a time. Ends when everything begun has ended.
 * @throws the first error of any item, after which no other one is begun
 */
export const inTurn = async <T>(items: readonly T[], atOnceMax: number, work: Work<T>): Promise<void> => {
  const underWay = new Set<Promise<void>>();
  const errors: unknown[] = [];
  let isOver = false;
  const begin = async (item: T, onMyTurnOver: () => void): Promise<void> => {
    try {
      if (!(await work(item, onMyTurnOver))) isOver = true;
    } catch (error) {
      errors.push(error);
      isOver = true;
    }
  };
  const mayGoOn = (): boolean => !isOver;
  for (const item of items) {
    if (underWay.size >= atOnceMax) await Promise.race(underWay);
    if (!mayGoOn()) break;
    const turn: PromiseWithResolvers<void> = Promise.withResolvers();
    const task = begin(item, turn.resolve).finally(() => {
      underWay.delete(task);
      turn.resolve();
    });
    underWay.add(task);
    await turn.promise;
  }
  await Promise.all(underWay);
  if (errors.length > 0) throw errors[0];
};
