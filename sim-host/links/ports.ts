import type { Impairment } from "../topology/topology.ts";

/** What one node's port on a link does to frames that go to the node. */
export interface PortState {
  /** Opaque and stable; at most 40 characters of letters, digits and hyphens. */
  readonly portId: string;
  /** The container's network namespace, as the engine names it. */
  readonly sandboxKey: string;
  /** Of the container's interface on this link. */
  readonly macAddress: string;
  readonly seed: string;
  readonly isDown: boolean;
  readonly bySource: readonly { readonly sourceMac: string; readonly impairment: Impairment }[];
}

export interface PortCounters {
  readonly sourceMac: string;
  readonly frames: number;
  readonly bytes: number;
  readonly lost: number;
  readonly corrupted: number;
  readonly overflowed: number;
}

/** The cables between nodes. */
export interface Links {
  /** Makes exactly this the state of the port; without impairments and not down, no trace is left. Safe to repeat. */
  apply(port: PortState): Promise<void>;
  /** Removes every trace of a port, also when its container is gone. */
  release(portId: string): Promise<void>;
  counters(portId: string): Promise<readonly PortCounters[]>;
  /** What passes the port in both directions, as a pcap file; ended by its bounds or the signal. */
  capture(
    port: Pick<PortState, "sandboxKey" | "macAddress">,
    limits: { readonly bytesMax: number; readonly secondsMax: number },
    signal: AbortSignal,
  ): AsyncIterable<Uint8Array>;
  close(): Promise<void>;
}
