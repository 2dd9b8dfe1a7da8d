import { makeDepartures } from "./departures.ts";
import type { Departures } from "./departures.ts";
import { makeFrameStore } from "./frame-store.ts";
import { libcCalls } from "./libc.ts";
import type { RelayAnswer, RelayRequest } from "./messages.ts";
import { openPortSocket } from "./port-socket.ts";
import type { PortSocket } from "./port-socket.ts";
import type { FrameUnderWay, RelayPort } from "./relay-port.ts";
import { makeRelayPort } from "./relay-port.ts";
import type { Tap } from "./tap.ts";
import { openTap } from "./tap.ts";

/** A port with the tap where its frames come in. */
export interface OpenPort {
  readonly tap: Tap;
  readonly port: RelayPort;
}

/** All ports of this relay. */
export interface PortTable {
  readonly departures: Departures<FrameUnderWay>;
  /** A new array whenever ports have come or gone. */
  ports(): readonly OpenPort[];
  /** Does what is asked. @throws Error when the kernel refuses */
  answer(request: RelayRequest): Omit<RelayAnswer, "id">;
}

type SetRequest = Extract<RelayRequest, { kind: "set" }>;

interface KeptPort extends OpenPort {
  readonly interfaceIndex: number;
  readonly socket: PortSocket;
}

/** Of all ports together. */
const underWayBytesMax = 256 * 1024 * 1024;

export const makePortTable = (tapPrefix: string, isPrompt: boolean): PortTable => {
  const departures = makeDepartures<FrameUnderWay>();
  const frames = makeFrameStore(underWayBytesMax);
  const kept = new Map<string, KeptPort>();
  let list: readonly OpenPort[] = [];

  const remove = (portId: string): void => {
    const found = kept.get(portId);
    if (found === undefined) return;
    kept.delete(portId);
    list = [...kept.values()];
    found.port.close();
    found.socket.close();
    libcCalls.close(found.tap.descriptor);
  };

  const open = ({ portId, interfaceIndex }: SetRequest): KeptPort => {
    const socket = openPortSocket(interfaceIndex);
    try {
      const tap = openTap(tapPrefix);
      const port = makeRelayPort({ transmit: socket.transmit, departures, frames });
      const opened = { interfaceIndex, socket, tap, port };
      kept.set(portId, opened);
      list = [...kept.values()];
      return opened;
    } catch (error) {
      socket.close();
      throw error;
    }
  };

  const set = (request: SetRequest): KeptPort => {
    const found = kept.get(request.portId);
    // The node was started again: it has another interface, and nothing that was sent to the old one reaches it.
    if (found !== undefined && found.interfaceIndex !== request.interfaceIndex) remove(request.portId);
    const port = kept.get(request.portId) ?? open(request);
    port.port.setSources(request.sources);
    return port;
  };

  return {
    departures,
    ports: () => list,
    answer(request) {
      switch (request.kind) {
        case "ping":
          return { isPrompt };
        case "set":
          return { tapName: set(request).tap.name };
        case "remove":
          remove(request.portId);
          return {};
        case "counters":
          return { counters: [...(kept.get(request.portId)?.port.counters() ?? [])] };
      }
    },
  };
};
