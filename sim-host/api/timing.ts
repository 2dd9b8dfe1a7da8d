/** Times that the parts with long lives keep to, in milliseconds. */
export interface Timing {
  /** Between signs of life on a silent stream; each time it is asked whether the reader may still read. */
  readonly heartbeatMilliseconds: number;
  /** How long a reader may take nothing of what waits for it. */
  readonly stallMilliseconds: number;
  readonly statsMilliseconds: number;
  /** How long a stream or a terminal lasts at most. */
  readonly sessionMilliseconds: number;
  /** A terminal through which nothing passes, in either direction. */
  readonly idleMilliseconds: number;
  readonly ticketMilliseconds: number;
}

export const usualTiming: Timing = {
  heartbeatMilliseconds: 15_000,
  stallMilliseconds: 10_000,
  statsMilliseconds: 1_000,
  sessionMilliseconds: 4 * 60 * 60_000,
  idleMilliseconds: 15 * 60_000,
  ticketMilliseconds: 30_000,
};
