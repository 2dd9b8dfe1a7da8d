import type { Clock } from "../../shared/kernel/clock.ts";
import { DomainError } from "../../shared/kernel/errors.ts";
import type { SimulationStore } from "../simulations/ports.ts";

/** Only one host acts on an engine: whoever holds the lease. Its number goes on everything that is made. */
export interface Lease {
  /** Takes or renews it. False: another host holds it, and this one changes nothing. */
  hold(): boolean;
  /** @throws DomainError `unavailable` while this host does not hold it */
  fence(): number;
  /** Lets the next one in at once. */
  release(): void;
}

interface Deps {
  readonly store: SimulationStore;
  /** Names the engine, the same for all hosts that share it. */
  readonly engine: string;
  /** This process, unlike any other. */
  readonly holder: string;
  /** Whether a holder is known to have ended: then nobody waits for its lease. */
  readonly isGone: (holder: string) => boolean;
  readonly clock: Clock;
}

const lengthMilliseconds = 15_000;
/** A call to the engine that was begun in time may end after the lease: so it is begun this long before. */
const marginMilliseconds = 3_000;

export const makeLease = ({ store, engine, holder, isGone, clock }: Deps): Lease => {
  let held: { readonly fence: number; readonly until: number } | undefined;
  return {
    hold() {
      const now = clock().getTime();
      const until = now + lengthMilliseconds;
      const fence = store.host.holdLease(engine, { holder, isGone }, until, now);
      held = fence === undefined ? undefined : { fence, until };
      return fence !== undefined;
    },
    fence() {
      if (held !== undefined && clock().getTime() < held.until - marginMilliseconds) return held.fence;
      throw new DomainError("unavailable", "Another host is in charge of the engine at the moment. Try again shortly.");
    },
    release() {
      const now = clock().getTime();
      if (held !== undefined) store.host.holdLease(engine, { holder, isGone }, now, now);
      held = undefined;
    },
  };
};
