import { isDeepStrictEqual } from "node:util";
import { corruptFrame } from "../corrupt-frame.ts";
import { decideFate, idleTiming } from "../impair-frame.ts";
import type { FlowTiming } from "../impair-frame.ts";
import type { PortCounters, SourceState } from "../ports.ts";
import type { Random } from "../random.ts";
import { makeRandom } from "../random.ts";
import { addressNumber, sourceOf } from "./ethernet.ts";
import type { Departures } from "./departures.ts";
import type { FrameStore } from "./frame-store.ts";

/** Puts the first `length` bytes on the way to the node. False: they could not be sent. */
export type Transmit = (frame: Buffer, length: number) => boolean;

interface Flow {
  state: SourceState;
  timing: FlowTiming;
  random: Random;
  /** Frames under way. */
  underWay: number;
  readonly counters: { frames: number; bytes: number; lost: number; corrupted: number; overflowed: number };
}

/** A frame under way to a port. */
export interface FrameUnderWay {
  arrive(): void;
}

/** What happens to frames on their way to one node. */
export interface RelayPort {
  setSources(sources: readonly SourceState[]): void;
  /** A frame that was sent to the node; the buffer is used again afterwards. */
  receive(frame: Buffer, nowMilliseconds: number): void;
  counters(): readonly PortCounters[];
  /** Frames under way are dropped: whatever they would be written to may be somebody else's by then. */
  close(): void;
}

interface RelayPortDeps {
  readonly transmit: Transmit;
  readonly departures: Departures<FrameUnderWay>;
  readonly frames: FrameStore;
}

/** So many bytes may be under way to one port: a second of delay at 256 Mbit/s. */
export const underWayBytesMax = 32 * 1024 * 1024;

const newFlow = (state: SourceState): Flow => ({
  state,
  timing: idleTiming,
  random: makeRandom(state.seed),
  underWay: 0,
  counters: { frames: 0, bytes: 0, lost: 0, corrupted: 0, overflowed: 0 },
});

/** What has not changed goes on; a changed impairment is felt by the next frame, whatever is under way before it. */
const changeFlow = (flow: Flow, state: SourceState): void => {
  if (flow.state.seed !== state.seed) flow.random = makeRandom(state.seed);
  if (!isDeepStrictEqual(flow.state.impairment, state.impairment)) flow.timing = idleTiming;
  flow.state = state;
};

/** Carries frames to the node, at once or when they are due. */
const makeCarrier = ({ transmit, departures, frames }: RelayPortDeps) => {
  let bytesUnderWay = 0;
  let isOpen = true;

  const send = (flow: Flow, frame: Buffer, length: number): void => {
    if (!transmit(frame, length)) flow.counters.lost += 1;
  };

  const sendLater = (flow: Flow, frame: Buffer, at: number): void => {
    const { length } = frame;
    const kept = bytesUnderWay + length > underWayBytesMax ? undefined : frames.keep(frame);
    if (kept === undefined) {
      flow.counters.overflowed += 1;
      return;
    }
    bytesUnderWay += length;
    flow.underWay += 1;
    const arrive = (): void => {
      bytesUnderWay -= length;
      flow.underWay -= 1;
      if (isOpen) send(flow, kept, length);
      frames.giveBack(kept);
    };
    departures.add(at, { arrive });
  };

  return {
    send,
    sendLater,
    close() {
      isOpen = false;
    },
  };
};

export const makeRelayPort = (deps: RelayPortDeps): RelayPort => {
  const carrier = makeCarrier(deps);
  let flows = new Map<number, Flow>();

  const impair = (flow: Flow, frame: Buffer, now: number): void => {
    const { timing, random, counters } = flow;
    counters.frames += 1;
    counters.bytes += frame.length;
    const fate = decideFate({ timing, random, impairment: flow.state.impairment }, frame.length, now);
    if (fate.kind === "overflowed") {
      counters.overflowed += 1;
      return;
    }
    flow.timing = fate.timing;
    if (fate.kind === "lost") {
      counters.lost += 1;
      return;
    }
    if (fate.corruptedAt !== undefined) {
      counters.corrupted += 1;
      if (!corruptFrame(frame, fate.corruptedAt)) return;
    }
    // A frame that is due at once still waits behind those before it that are due and not sent yet.
    if (fate.departsAt <= now && flow.underWay === 0) carrier.send(flow, frame, frame.length);
    else carrier.sendLater(flow, frame, fate.departsAt);
  };

  return {
    setSources(sources) {
      const next = new Map<number, Flow>();
      for (const source of sources) {
        const address = addressNumber(source.sourceMac);
        const known = flows.get(address);
        if (known !== undefined) changeFlow(known, source);
        next.set(address, known ?? newFlow(source));
      }
      flows = next;
    },
    receive(frame, now) {
      const source = sourceOf(frame);
      if (source === undefined) return;
      const flow = flows.get(source);
      if (flow === undefined) deps.transmit(frame, frame.length);
      else impair(flow, frame, now);
    },
    counters: () => [...flows.values()].map(({ state, counters }) => ({ sourceMac: state.sourceMac, ...counters })),
    close: () => carrier.close(),
  };
};
