/** A place that is taken, by a program that stays. */
interface Taken {
  readonly run: symbol;
  /** It makes nothing just now. */
  readonly isResting: boolean;
  /** It has made nothing for so long that its run can do without it. */
  readonly isIdle: boolean;
}

/** Somebody who waits for a place. */
interface Asker {
  readonly run: symbol;
}

interface Room<T extends Taken, A extends Asker> {
  readonly free: number;
  /** Places of programs that are about to end. */
  readonly coming: number;
  /** The one used last is the last. */
  readonly taken: readonly T[];
  /** In the order they came. */
  readonly askers: readonly A[];
}

interface Moves<T, A> {
  readonly admitted: readonly A[];
  /** These give their places up, as soon as they rest. */
  readonly leaving: readonly T[];
}

type HeldBy = (run: symbol) => number;

/** Who makes room for a run: what nobody misses, one of the run that has the most, or one of its own. */
const giverFor = <T extends Taken>(taken: readonly T[], heldBy: HeldBy, run: symbol): T | undefined => {
  const mine = heldBy(run);
  const most = Math.max(0, ...taken.map((one) => heldBy(one.run)));
  // One more is no reason: the two would only change places, again and again. Unless a run has none at all.
  const rich = mine === 0 || most > mine + 1 ? taken.filter((one) => heldBy(one.run) === most) : [];
  return (
    taken.find(({ isResting, isIdle }) => isResting && isIdle) ??
    rich.find(({ isResting }) => isResting) ??
    rich[0] ??
    taken.find((one) => one.isResting && one.run === run)
  );
};

/**
 * Shares the places of a room among the runs that want some: the next one is for the run that has the fewest, and when none is
 * free, the run that has the most gives one up, until all have the same or as many as they want.
 */
export const sharePlaces = <T extends Taken, A extends Asker>(room: Room<T, A>): Moves<T, A> => {
  const askers = [...room.askers];
  const taken = [...room.taken];
  const held = new Map<symbol, number>();
  const heldBy: HeldBy = (run) => held.get(run) ?? 0;
  const add = (run: symbol, count: number): void => void held.set(run, heldBy(run) + count);
  for (const { run } of taken) add(run, 1);
  const admitted: A[] = [];
  const leaving: T[] = [];
  let { free, coming } = room;
  while (askers.length > 0) {
    const fewest = Math.min(...askers.map(({ run }) => heldBy(run)));
    const [asker] = askers.splice(
      askers.findIndex(({ run }) => heldBy(run) === fewest),
      1,
    );
    if (asker === undefined) break;
    if (free > 0) {
      free -= 1;
      admitted.push(asker);
    } else if (coming > 0) {
      coming -= 1;
    } else {
      const giver = giverFor(taken, heldBy, asker.run);
      if (giver === undefined) continue;
      taken.splice(taken.indexOf(giver), 1);
      add(giver.run, -1);
      leaving.push(giver);
    }
    add(asker.run, 1);
  }
  return { admitted, leaving };
};
