/** Time as the engine knows it; another one in tests, which cannot wait for days. */
export interface EngineTime {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Calls back once, not before the delay is over; returns how to cancel it. */
  readonly after: (delayMilliseconds: number, callback: () => void) => () => void;
}

/** Timeouts stand still while a machine sleeps: a longer delay ends early, and whoever is woken looks up what is due. */
const delayMillisecondsMax = 60_000;

export const systemTime: EngineTime = {
  now: () => Date.now(),
  after: (delayMilliseconds, callback) => {
    const timer = setTimeout(callback, Math.min(delayMillisecondsMax, Math.max(1, delayMilliseconds)));
    return () => clearTimeout(timer);
  },
};

/** One alarm, set to the earliest of the instants it was asked for. */
export class Alarm {
  readonly #time: EngineTime;
  readonly #ring: () => void;
  #at = Number.POSITIVE_INFINITY;
  #cancel: () => void = () => undefined;

  constructor(time: EngineTime, ring: () => void) {
    this.#time = time;
    this.#ring = ring;
  }

  /** @param at milliseconds since 1970 */
  set(at: number): void {
    if (at >= this.#at) return;
    this.#cancel();
    this.#at = at;
    this.#cancel = this.#time.after(at - this.#time.now(), () => {
      this.#at = Number.POSITIVE_INFINITY;
      this.#ring();
    });
  }

  stop(): void {
    this.#cancel();
    this.#at = Number.NEGATIVE_INFINITY;
  }
}
