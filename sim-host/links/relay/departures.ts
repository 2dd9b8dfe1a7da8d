/** Things that happen at their time, and in the order of their coming when the times are the same. */
export interface Departures<T> {
  add(at: number, item: T): void;
  /** Of the next one; Infinity: there is none. */
  nextAt(): number;
  /** The next one whose time has come. */
  takeDue(now: number): T | undefined;
}

interface Departure<T> {
  readonly at: number;
  readonly order: number;
  readonly item: T;
}

const isBefore = <T>(one: Departure<T>, other: Departure<T>): boolean =>
  one.at < other.at || (one.at === other.at && one.order < other.order);

/** A binary heap: frames come in tens of thousands a second, and seldom in the order in which they leave. */
export const makeDepartures = <T>(): Departures<T> => {
  const heap: Departure<T>[] = [];
  let order = 0;

  const rise = (departure: Departure<T>): void => {
    let place = heap.length;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const parent = heap[above];
      if (parent === undefined || !isBefore(departure, parent)) break;
      heap[place] = parent;
      place = above;
    }
    heap[place] = departure;
  };

  const sink = (departure: Departure<T>): void => {
    let place = 0;
    for (;;) {
      const left = place * 2 + 1;
      const [one, other] = [heap[left], heap[left + 1]];
      if (one === undefined) break;
      const isOther = other !== undefined && isBefore(other, one);
      const child = isOther ? other : one;
      if (!isBefore(child, departure)) break;
      heap[place] = child;
      place = isOther ? left + 1 : left;
    }
    heap[place] = departure;
  };

  return {
    add(at, item) {
      rise({ at, order, item });
      order += 1;
    },
    nextAt: () => heap[0]?.at ?? Infinity,
    takeDue(now) {
      const first = heap[0];
      if (first === undefined || first.at > now) return undefined;
      const last = heap.pop();
      if (last !== undefined && last !== first) sink(last);
      return first.item;
    },
  };
};
