import { setImmediate as nextTurn } from "node:timers/promises";
import { sourceOf } from "./ethernet.ts";
import type { PollSet } from "./poll-set.ts";
import { makePollSet } from "./poll-set.ts";
import type { OpenPort, PortTable } from "./port-table.ts";
import { readFrame } from "./tap.ts";

const frameBytesMax = 65_536 + 64;
/** Ports take turns: one that is flooded does not keep frames of others from their time. */
const framesPerTurnMax = 64;
const waitMillisecondsMax = 500;
const turnMilliseconds = 500;
const standardInput = 0;

/** A round begins so much after the one before, or with the next departure: under load it finds more to do at once. */
const pauseMilliseconds = 0.1;

const receive = ({ tap, port }: OpenPort, buffer: Buffer): void => {
  for (let count = 0; count < framesPerTurnMax; count += 1) {
    const frame = readFrame(tap, buffer);
    if (frame === undefined) return;
    // What a program of the host sends on every interface it finds is not for the node.
    if (sourceOf(frame) !== tap.address) port.receive(frame, performance.now());
  }
};

/**
 * Carries frames until the parent is gone. One thread waits for everything (frames, departures, requests), so a frame is
 * picked up by the process that the kernel wakes, and departs within a tenth of a millisecond of its time.
 */
export const serve = async (table: PortTable, answerRequests: () => boolean): Promise<void> => {
  const buffer = Buffer.alloc(frameBytesMax);
  let ports: readonly OpenPort[] = [];
  let waiting: PollSet = makePollSet([standardInput]);

  const pause = makePollSet([]);
  const untilNextDeparture = (): number => table.departures.nextAt() - performance.now();

  const departDue = (): void => {
    const now = performance.now();
    for (let due = table.departures.takeDue(now); due !== undefined; due = table.departures.takeDue(now)) due.arrive();
  };

  const round = (): boolean => {
    if (ports !== table.ports()) {
      ports = table.ports();
      waiting = makePollSet([standardInput, ...ports.map(({ tap }) => tap.descriptor)]);
    }
    pause.wait(Math.min(pauseMilliseconds, untilNextDeparture()));
    waiting.wait(Math.min(waitMillisecondsMax, untilNextDeparture()));
    departDue();
    ports.forEach((port, index) => {
      if (waiting.isReady(index + 1)) receive(port, buffer);
    });
    departDue();
    return !waiting.isReady(0) || answerRequests();
  };

  let turnEndsAt = performance.now() + turnMilliseconds;
  while (round()) {
    if (performance.now() < turnEndsAt) continue;
    // Node's own work (freeing what native code holds) waits for the event loop.
    await nextTurn();
    turnEndsAt = performance.now() + turnMilliseconds;
  }
};
