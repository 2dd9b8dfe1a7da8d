import type { PortCounters } from "../links/ports.ts";
import type { DirectionCounters } from "./run.ts";

/** What the port of one node on one link has counted so far, of frames from one other node. */
export interface Sample extends Omit<PortCounters, "sourceMac" | "bytes"> {
  readonly link: string;
  readonly from: string;
  readonly to: string;
}

/** Adds up what links count: each of them begins anew when it has had no impairments meanwhile. */
export interface Tally {
  /** What was counted before is not of this run. */
  begin(samples: readonly Sample[]): void;
  /** All there is of one link, read often enough that beginning anew is noticed: before and after each change. */
  add(link: string, samples: readonly Sample[]): void;
  totals(): readonly DirectionCounters[];
}

const members = ["frames", "lost", "corrupted", "overflowed"] as const;

const keyOf = ({ link, from, to }: Sample | DirectionCounters): string => `${link}|${from}|${to}`;

/** Since the last look. A counter that is smaller than before has begun anew. */
const grown = (last: Sample | undefined, now: Sample): DirectionCounters => {
  const isAnew = last === undefined || members.some((member) => now[member] < last[member]);
  const since = (member: (typeof members)[number]): number => now[member] - (isAnew ? 0 : last[member]);
  const { link, from, to } = now;
  return {
    ...{ link, from, to, frames: since("frames"), lost: since("lost") },
    ...{ corrupted: since("corrupted"), overflowed: since("overflowed") },
  };
};

const plus = (sum: DirectionCounters, more: DirectionCounters): DirectionCounters => ({
  ...more,
  frames: sum.frames + more.frames,
  lost: sum.lost + more.lost,
  corrupted: sum.corrupted + more.corrupted,
  overflowed: sum.overflowed + more.overflowed,
});

export const makeTally = (): Tally => {
  const last = new Map<string, Sample>();
  const sums = new Map<string, DirectionCounters>();
  return {
    begin(samples) {
      for (const sample of samples) last.set(keyOf(sample), sample);
    },
    add(link, samples) {
      const gone = [...last.values()].filter(
        (sample) => sample.link === link && !samples.some((s) => keyOf(s) === keyOf(sample)),
      );
      for (const sample of gone) last.delete(keyOf(sample));
      for (const sample of samples) {
        const key = keyOf(sample);
        const more = grown(last.get(key), sample);
        const sum = sums.get(key);
        sums.set(key, sum === undefined ? more : plus(sum, more));
        last.set(key, sample);
      }
    },
    totals: () => [...sums.values()],
  };
};
