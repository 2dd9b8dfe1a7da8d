import { DomainError } from "../../shared/kernel/errors.ts";
import type { HostTraces } from "./host-traces.ts";
import { findHostPort } from "./interfaces.ts";
import type { PortState } from "./ports.ts";
import type { RelayKeeper } from "./relay-keeper.ts";
import { RelayFailed } from "./relay-process.ts";

/** What is done to one port, on the host's interface and in the relay. Each may be repeated, and killed at any step. */
export interface PortWork {
  /** @throws DomainError `not-found` when there is no such interface (now), CommandFailed, RelayFailed */
  establish(state: PortState): Promise<void>;
  clear(portId: string): Promise<void>;
}

export const makePortWork = (traces: HostTraces, keeper: RelayKeeper): PortWork => {
  const removeFromRelay = async (portId: string): Promise<void> => {
    try {
      await keeper.running()?.remove(portId);
    } catch (error) {
      // A relay that has ended has no ports any more.
      if (!(error instanceof RelayFailed)) throw error;
    }
  };

  return {
    async establish({ portId, sandboxKey, macAddress, isDown, bySource }) {
      const port = await findHostPort(sandboxKey, macAddress);
      if (port === undefined) throw new DomainError("not-found", "The node has no such interface now.");
      await traces.mark(port, portId);
      if (isDown) await traces.connect(port, false);
      if (bySource.length > 0) {
        const relay = await keeper.relay();
        await traces.redirect(port, await relay.setSources(portId, port.index, bySource));
      } else {
        await traces.stopRedirecting(port);
        await removeFromRelay(portId);
      }
      // Last: nothing passes a port that is plugged in again before its impairments are there.
      if (!isDown) await traces.connect(port, true);
    },
    async clear(portId) {
      for (const port of await traces.marked(portId)) await traces.clear(port);
      await removeFromRelay(portId);
    },
  };
};
