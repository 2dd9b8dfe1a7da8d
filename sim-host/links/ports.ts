import type { Impairment } from "../topology/topology.ts";

/** Frames of one node on their way to a port. */
export interface SourceState {
  readonly sourceMac: string;
  /**
   * Chance begins here. Name the simulation's seed, the link and both nodes (`42|front|client|web`), nothing that another
   * run would not have again: addresses differ from run to run.
   */
  readonly seed: string;
  /** Without members, frames are counted and pass. */
  readonly impairment: Impairment;
}

/** What one node's port on a link does to frames that go to the node. */
export interface PortState {
  /** Opaque and stable; at most 40 characters of letters, digits and hyphens. */
  readonly portId: string;
  /** The container's network namespace, as the engine names it. */
  readonly sandboxKey: string;
  /** Of the container's interface on this link. */
  readonly macAddress: string;
  /** The node sees its cable pulled; nothing goes either way. */
  readonly isDown: boolean;
  /** Frames of anybody else pass as they are. */
  readonly bySource: readonly SourceState[];
}

/** What became of the frames from one source, since it has been in the port's state and the relay has run. */
export interface PortCounters {
  readonly sourceMac: string;
  readonly frames: number;
  readonly bytes: number;
  /** By chance, or because the port was down. */
  readonly lost: number;
  readonly corrupted: number;
  /** The queue before the rate, or the room for frames under way, was full. */
  readonly overflowed: number;
}

/** The cables between nodes. */
export interface Links {
  /**
   * Makes exactly this the state of the port; without sources and not down, no trace is left. Safe to repeat: the same state
   * again keeps frames under way, counters and chance as they are. A change concerns frames from then on.
   * @throws DomainError `invalid-input`; `not-found` when the container has no such interface (now); `unavailable`
   */
  apply(port: PortState): Promise<void>;
  /** Removes every trace of a port, also when its container is gone. */
  release(portId: string): Promise<void>;
  /** Empty for a port without sources. @throws DomainError `unavailable` */
  counters(portId: string): Promise<readonly PortCounters[]>;
  /**
   * What the node sends and what reaches it, as a pcap file of whole frames; ended by its bounds, the signal, the reader or
   * the end of the node. The first bytes come when nothing is missed any more.
   * @throws DomainError as `apply` does
   */
  capture(
    port: Pick<PortState, "sandboxKey" | "macAddress">,
    limits: { readonly bytesMax: number; readonly secondsMax: number },
    signal: AbortSignal,
  ): AsyncIterable<Uint8Array>;
  /**
   * Looks whether the host's interfaces are as they were made: what somebody has undone since is made anew, and what nobody
   * has applied, such as an earlier run's, is taken away, unless it is `kept`: that stays dead. Two short programs while there is
   * nothing to do.
   * @throws DomainError `unavailable`
   */
  check(kept?: ReadonlySet<string>): Promise<void>;
  /** Whether links can be impaired now; starts what that needs. @throws DomainError `unavailable` */
  ping(): Promise<void>;
  /** Takes away all that was applied, and ends captures. */
  close(): Promise<void>;
}
