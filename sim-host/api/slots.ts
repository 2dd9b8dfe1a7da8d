import { DomainError } from "../../shared/kernel/errors.ts";

/** How many of a kind may be open at the same time, for one key and for all. */
export interface Slots {
  /** Takes one, and answers what gives it back (once, however often it is called). @throws DomainError `stream-limit-reached` */
  take(key: string): () => void;
}

export interface SlotBounds {
  /** For the message, as in `log and event streams`. */
  readonly what: string;
  readonly perKeyMax: number;
  readonly totalMax: number;
  /** Told of how many there are each time this changes. */
  readonly onChange?: (total: number) => void;
}

export const makeSlots = ({ what, perKeyMax, totalMax, onChange }: SlotBounds): Slots => {
  const counts = new Map<string, number>();
  let total = 0;
  return {
    take(key) {
      const count = counts.get(key) ?? 0;
      if (count >= perKeyMax || total >= totalMax) {
        const message = `There are ${count} ${what} open, and no room for another. Close one first.`;
        throw new DomainError("stream-limit-reached", message, { facts: { openMax: perKeyMax } });
      }
      counts.set(key, count + 1);
      total += 1;
      onChange?.(total);
      let isTaken = true;
      return () => {
        if (!isTaken) return;
        isTaken = false;
        total -= 1;
        onChange?.(total);
        const left = (counts.get(key) ?? 1) - 1;
        if (left === 0) counts.delete(key);
        else counts.set(key, left);
      };
    },
  };
};
