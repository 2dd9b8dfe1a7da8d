import { expect, test } from "vitest";
import type { Impairment } from "../../topology/topology.ts";
import { makeDepartures } from "./departures.ts";
import { makeFrameStore } from "./frame-store.ts";
import type { FrameUnderWay } from "./relay-port.ts";
import { makeRelayPort, underWayBytesMax } from "./relay-port.ts";

const [client, database] = ["02:42:0a:6f:03:02", "02:42:0a:6f:03:03"];

const frameFrom = (mac: string, content: string, bytes = 64): Buffer => {
  const frame = Buffer.alloc(bytes);
  Buffer.from(mac.replaceAll(":", ""), "hex").copy(frame, 6);
  frame.writeUInt16BE(0x0800, 12);
  frame.write(content, 14, "latin1");
  return frame;
};

/** A port of which what it sends is kept; frames arrive through one buffer, as they do from a tap. */
const openPort = ({ canSend = true, bytesMax = 100 * 1024 * 1024 } = {}) => {
  const sent: string[] = [];
  const departures = makeDepartures<FrameUnderWay>();
  const transmit = (frame: Buffer, length: number): boolean => {
    sent.push(frame.toString("latin1", 14, Math.min(length, 18)).replaceAll("\0", ""));
    return canSend;
  };
  const port = makeRelayPort({ transmit, departures, frames: makeFrameStore(bytesMax) });
  const buffer = Buffer.alloc(65_536);
  return {
    sent,
    port,
    set: (...sources: readonly [mac: string, impairment: Impairment, seed?: string][]) =>
      port.setSources(sources.map(([sourceMac, impairment, seed = "s"]) => ({ sourceMac, seed, impairment }))),
    receive: (frame: Buffer, now: number): void => {
      frame.copy(buffer);
      port.receive(buffer.subarray(0, frame.length), now);
    },
    passTime: (now: number): void => {
      for (let due = departures.takeDue(now); due !== undefined; due = departures.takeDue(now)) due.arrive();
    },
  };
};

test("each source has its own impairment, and frames of anybody else pass", () => {
  const { sent, set, receive, passTime } = openPort();
  set([client, { delayMilliseconds: 10 }], [database, { lossPercent: 100 }]);
  receive(frameFrom(client, "late"), 100);
  receive(frameFrom(database, "lost"), 100);
  receive(frameFrom("02:42:0a:6f:03:04", "else"), 100);
  expect(sent).toEqual(["else"]);
  passTime(109.9);
  expect(sent).toEqual(["else"]);
  passTime(110);
  expect(sent).toEqual(["else", "late"]);
});

test("everything is counted, by source", () => {
  const { port, set, receive, passTime } = openPort({ canSend: false });
  set([client, {}], [database, { lossPercent: 100, corruptionPercent: 100 }]);
  receive(frameFrom(client, "a", 64), 0);
  receive(frameFrom(client, "b", 1000), 0);
  receive(frameFrom(database, "c", 64), 0);
  set([client, { corruptionPercent: 100, rateBitsPerSecond: 8000 }], [database, {}]);
  for (let count = 0; count < 20; count += 1) receive(frameFrom(client, "d", 1000), 0);
  passTime(60_000);
  const none = { lost: 0, corrupted: 0, overflowed: 0 };
  expect(port.counters()).toEqual([
    // What the kernel does not take is lost: the port is down. The queue takes 16,384 bytes and a frame.
    { sourceMac: client, frames: 22, bytes: 64 + 21_000, lost: 2 + 17, corrupted: 17, overflowed: 3 },
    { ...none, sourceMac: database, frames: 1, bytes: 64, lost: 1 },
  ]);
});

test("a damaged frame arrives with one bit flipped, and not at all when its receiver would believe it", () => {
  const { sent, set, receive } = openPort();
  set([client, { corruptionPercent: 100 }]);
  receive(frameFrom(client, "\0\0\0\0", 18), 0);
  const arp = frameFrom(client, "arp", 60);
  arp.writeUInt16BE(0x0806, 12);
  receive(arp, 0);
  expect(sent).toHaveLength(1);
  expect(sent[0]).toHaveLength(1);
});

test("a change is felt by the next frame, and what is under way comes when it was due", () => {
  const { sent, set, receive, passTime } = openPort();
  set([client, { delayMilliseconds: 1000 }]);
  receive(frameFrom(client, "old"), 0);
  set([client, { delayMilliseconds: 10 }]);
  receive(frameFrom(client, "new"), 0);
  passTime(10);
  expect(sent).toEqual(["new"]);
  passTime(1000);
  expect(sent).toEqual(["new", "old"]);
});

test("the same state again changes nothing: neither the order nor chance begins anew", () => {
  const fates = (isSetAgain: boolean) => {
    const { port, set, receive } = openPort();
    const impairment = { lossPercent: 50, delayMilliseconds: 10, jitterMilliseconds: 10 };
    set([client, impairment]);
    return Array.from({ length: 100 }, (_, index) => {
      if (isSetAgain) set([client, { ...impairment }]);
      receive(frameFrom(client, "x"), index);
      return port.counters()[0]?.lost;
    });
  };
  expect(fates(true)).toEqual(fates(false));
});

test("another seed begins another chance", () => {
  const { port, set, receive } = openPort();
  const lostOf = (seed: string) => {
    set([client, { lossPercent: 50 }, seed]);
    const before = port.counters()[0]?.lost ?? 0;
    return Array.from({ length: 50 }, () => {
      receive(frameFrom(client, "x"), 0);
      return (port.counters()[0]?.lost ?? 0) - before;
    });
  };
  const first = lostOf("one");
  expect(lostOf("other")).not.toEqual(first);
  expect(lostOf("one")).toEqual(first);
});

test("a frame that is due at once stays behind one before it that is due and not sent yet", () => {
  const { sent, set, receive, passTime } = openPort();
  set([client, { delayMilliseconds: 5, jitterMilliseconds: 5 }]);
  for (let index = 0; index < 200; index += 1) receive(frameFrom(client, String(index)), index * 3);
  passTime(1000);
  expect(sent).toEqual(Array.from({ length: 200 }, (_, index) => String(index)));
});

test("so many bytes may be under way to one port; what is beyond has overflowed", () => {
  const { sent, port, set, receive, passTime } = openPort({ bytesMax: 10 * underWayBytesMax });
  set([client, { delayMilliseconds: 10 }]);
  const frame = frameFrom(client, "x", 65_000);
  const count = Math.ceil(underWayBytesMax / 65_000) + 5;
  for (let index = 0; index < count; index += 1) receive(frame, 0);
  expect(port.counters()[0]?.overflowed).toBe(6);
  passTime(10);
  expect(sent).toHaveLength(count - 6);
  receive(frame, 10);
  expect(port.counters()[0]?.overflowed).toBe(6);
});

test("after its end a port sends nothing, whatever is under way", () => {
  const { sent, port, set, receive, passTime } = openPort();
  set([client, { delayMilliseconds: 10 }]);
  receive(frameFrom(client, "x"), 0);
  port.close();
  passTime(1000);
  expect(sent).toEqual([]);
});

test("what is too short to have a source is not carried", () => {
  const { sent, set, receive } = openPort();
  set([client, {}]);
  receive(Buffer.alloc(11), 0);
  expect(sent).toEqual([]);
});
