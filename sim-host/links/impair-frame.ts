import type { Impairment } from "../topology/topology.ts";
import type { Random } from "./random.ts";

/** What frames of one direction that were sent before mean for the next one. Milliseconds of one monotonic clock. */
export interface FlowTiming {
  /** When the last frame has been put on a line of limited rate. */
  readonly lineFreeAt: number;
  /** Frames of one direction keep their order: none leaves before this. */
  readonly lastDepartureAt: number;
}

export const idleTiming: FlowTiming = { lineFreeAt: 0, lastDepartureAt: 0 };

export type Fate =
  /** The queue before the line was full: the frame never was on the line. */
  | { readonly kind: "overflowed" }
  | { readonly kind: "lost"; readonly timing: FlowTiming }
  | {
      readonly kind: "delivered";
      readonly timing: FlowTiming;
      readonly departsAt: number;
      /** Where one bit is flipped, as a share (0 to less than 1) of the bits that may be. */
      readonly corruptedAt?: number;
    };

/** A queue holds what its line carries in this time, or this many bytes if that is more: some frames at any rate. */
export const queueMillisecondsMax = 250;
export const queueBytesMin = 16_384;

const lineMilliseconds = (bytes: number, rateBitsPerSecond: number): number => (bytes * 8000) / rateBitsPerSecond;

/**
 * When the frame has been put on the line; undefined: the queue before it is full. The line is a clock: it is busy for each
 * frame as long as the rate says, headers of Ethernet included, preamble and checksum not.
 */
const serialise = (
  timing: FlowTiming,
  rateBitsPerSecond: number | undefined,
  frameBytes: number,
  nowMilliseconds: number,
): number | undefined => {
  if (rateBitsPerSecond === undefined) return nowMilliseconds;
  const backlog = timing.lineFreeAt - nowMilliseconds;
  if (backlog > Math.max(queueMillisecondsMax, lineMilliseconds(queueBytesMin, rateBitsPerSecond))) return undefined;
  return Math.max(nowMilliseconds, timing.lineFreeAt) + lineMilliseconds(frameBytes, rateBitsPerSecond);
};

/**
 * What happens to the next frame of a direction: it waits for the line, is put on it, may be lost or damaged there, and
 * arrives after the delay, give or take the jitter (uniform), but never before the frame that was sent before it. So with
 * frames closer together than the jitter, all of them tend towards the late end.
 *
 * Each frame takes four draws, whatever is set: which frames of a sequence are lost does not depend on delay or rate.
 */
export const decideFate = (
  { timing, impairment, random }: { timing: FlowTiming; impairment: Impairment; random: Random },
  frameBytes: number,
  nowMilliseconds: number,
): Fate => {
  const loss = random();
  const spread = random();
  const corruption = random();
  const corruptedAt = random();
  const onLineAt = serialise(timing, impairment.rateBitsPerSecond, frameBytes, nowMilliseconds);
  if (onLineAt === undefined) return { kind: "overflowed" };
  const lineFreeAt = impairment.rateBitsPerSecond === undefined ? timing.lineFreeAt : onLineAt;
  if (loss * 100 < (impairment.lossPercent ?? 0)) return { kind: "lost", timing: { ...timing, lineFreeAt } };
  const jitter = (spread * 2 - 1) * (impairment.jitterMilliseconds ?? 0);
  const travelled = Math.max(0, (impairment.delayMilliseconds ?? 0) + jitter);
  const departsAt = Math.max(onLineAt + travelled, timing.lastDepartureAt);
  const delivered = { kind: "delivered", departsAt, timing: { lineFreeAt, lastDepartureAt: departsAt } } as const;
  return corruption * 100 < (impairment.corruptionPercent ?? 0) ? { ...delivered, corruptedAt } : delivered;
};
