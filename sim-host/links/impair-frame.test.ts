import { array, assert, constant, double, integer, option, property, record } from "fast-check";
import { expect, test } from "vitest";
import type { Impairment } from "../topology/topology.ts";
import type { Fate } from "./impair-frame.ts";
import { decideFate, idleTiming, queueBytesMin, queueMillisecondsMax } from "./impair-frame.ts";
import { makeRandom } from "./random.ts";

interface Frame {
  readonly bytes: number;
  readonly at: number;
}

/** Sends frames through one direction. */
const send = (impairment: Impairment, frames: readonly Frame[], seed = "seed"): readonly Fate[] => {
  const random = makeRandom(seed);
  let timing = idleTiming;
  return frames.map(({ bytes, at }) => {
    const fate = decideFate({ timing, impairment, random }, bytes, at);
    if (fate.kind !== "overflowed") timing = fate.timing;
    return fate;
  });
};

const every = (milliseconds: number, count: number, bytes = 1000): readonly Frame[] =>
  Array.from({ length: count }, (_, index) => ({ bytes, at: 1000 + index * milliseconds }));

const departures = (fates: readonly Fate[]): readonly number[] =>
  fates.flatMap((fate) => (fate.kind === "delivered" ? [fate.departsAt] : []));

const frames = array(
  record({ bytes: integer({ min: 60, max: 1514 }), gap: double({ min: 0, max: 20, noNaN: true }) }),
  {
    maxLength: 200,
  },
).map((gaps) => {
  let at = 1000;
  return gaps.map(({ bytes, gap }) => ({ bytes, at: (at += gap) }));
});
const amount = (max: number) => option(double({ min: 0, max, noNaN: true }), { nil: 0 });
const anything = record({
  delayMilliseconds: amount(500),
  jitterMilliseconds: amount(500),
  lossPercent: amount(100),
  corruptionPercent: amount(100),
  rateBitsPerSecond: double({ min: 1000, max: 1e9, noNaN: true }),
});

test("without impairments every frame leaves when it comes", () => {
  const sent = every(0.1, 1000);
  expect(departures(send({}, sent))).toEqual(sent.map(({ at }) => at));
});

test("frames keep their order and none leaves before it has come", () => {
  assert(
    property(frames, anything, (sent, impairment) => {
      const fates = send(impairment, sent);
      const left = departures(fates);
      expect(left).toEqual(left.toSorted((one, other) => one - other));
      fates.forEach((fate, index) => {
        if (fate.kind === "delivered") expect(fate.departsAt).toBeGreaterThanOrEqual(sent[index]!.at);
      });
    }),
  );
});

test("the same seed and the same frames have the same fates", () => {
  assert(
    property(frames, anything, (sent, impairment) => {
      expect(send(impairment, sent)).toEqual(send(impairment, sent));
    }),
  );
  const lost = (seed: string) => send({ lossPercent: 50 }, every(1, 100), seed).map(({ kind }) => kind);
  expect(lost("one")).not.toEqual(lost("other"));
});

test("which frames are lost or damaged does not depend on when they arrive", () => {
  const fates = (impairment: Impairment) =>
    send({ lossPercent: 30, corruptionPercent: 30, ...impairment }, every(5, 500)).map((fate) =>
      fate.kind === "delivered" ? (fate.corruptedAt ?? "whole") : fate.kind,
    );
  expect(fates({ delayMilliseconds: 80, jitterMilliseconds: 40, rateBitsPerSecond: 1e9 })).toEqual(fates({}));
  expect(new Set(fates({})).size).toBeGreaterThan(50);
});

test("a delay is what every frame takes", () => {
  const sent = every(0.5, 100);
  expect(departures(send({ delayMilliseconds: 25 }, sent))).toEqual(sent.map(({ at }) => at + 25));
});

test("jitter lies evenly around the delay when frames are far apart", () => {
  const sent = every(100, 5000);
  const took = departures(send({ delayMilliseconds: 30, jitterMilliseconds: 10 }, sent)).map(
    (at, index) => at - sent[index]!.at,
  );
  expect(Math.min(...took)).toBeGreaterThanOrEqual(20);
  expect(Math.max(...took)).toBeLessThan(40);
  const mean = took.reduce((sum, each) => sum + each) / took.length;
  // The standard deviation of the mean is 0.08.
  expect(Math.abs(mean - 30)).toBeLessThan(0.5);
  expect(took.filter((each) => each < 25).length / took.length).toBeCloseTo(0.25, 1);
});

test("a share of the frames is lost, and another damaged", () => {
  for (const percent of [0, 1, 30, 99, 100]) {
    const sent = every(1, 20_000);
    const lost = send({ lossPercent: percent }, sent).filter(({ kind }) => kind === "lost").length;
    const damaged = send({ corruptionPercent: percent }, sent).filter((fate) => "corruptedAt" in fate).length;
    const deviation = Math.sqrt(20_000 * (percent / 100) * (1 - percent / 100));
    for (const count of [lost, damaged]) expect(Math.abs(count - 200 * percent)).toBeLessThanOrEqual(5 * deviation);
  }
});

test("in no span of time does more leave than the rate allows", () => {
  const rate = integer({ min: 10_000, max: 100_000_000 });
  assert(
    property(frames, rate, constant({ delayMilliseconds: 7 }), (sent, rateBitsPerSecond, others) => {
      const left = send({ rateBitsPerSecond, ...others }, sent).flatMap((fate, index) =>
        fate.kind === "delivered" ? [{ at: fate.departsAt, bytes: sent[index]!.bytes }] : [],
      );
      left.forEach(({ at: begin }, first) => {
        let bytes = 0;
        for (const { at, bytes: more } of left.slice(first + 1)) {
          bytes += more;
          expect(((at - begin) * rateBitsPerSecond) / 8000).toBeGreaterThanOrEqual(bytes - 1e-3);
        }
      });
    }),
    { numRuns: 50 },
  );
});

test("a line that is never idle carries what its rate says", () => {
  // 8 Mbit/s are 1000 bytes a millisecond; twice as much is offered for two seconds.
  const fates = send({ rateBitsPerSecond: 8_000_000 }, every(0.5, 4000));
  const left = departures(fates);
  const carried = left.filter((at) => at <= 3000).length;
  expect(carried).toBeGreaterThanOrEqual(1998);
  expect(carried).toBeLessThanOrEqual(2000);
  expect(fates.some(({ kind }) => kind === "overflowed")).toBe(true);
});

test("the queue before a line is bounded in time, and holds some frames however slow the line is", () => {
  for (const rateBitsPerSecond of [1000, 64_000, 1_000_000, 100_000_000]) {
    // Far more than the line carries, all at once.
    const sent = every(0, 20_000, 1514);
    const left = departures(send({ rateBitsPerSecond }, sent));
    const slack = (1514 * 8000) / rateBitsPerSecond;
    const bound = Math.max(queueMillisecondsMax, (queueBytesMin * 8000) / rateBitsPerSecond);
    expect(left.at(-1)! - 1000).toBeLessThanOrEqual(bound + slack);
    expect(left.at(-1)! - 1000).toBeGreaterThan(bound - slack);
    expect(left.length).toBeGreaterThanOrEqual(Math.floor(queueBytesMin / 1514));
    expect(left.length).toBeLessThan(20_000);
  }
});

test("a frame that is lost on the line has taken its time there", () => {
  const sent = every(0, 10, 1000);
  const fates = send({ rateBitsPerSecond: 8_000_000, lossPercent: 50 }, sent, "x");
  expect(fates.filter(({ kind }) => kind === "lost").length).toBeGreaterThan(0);
  fates.forEach((fate, index) => {
    if (fate.kind === "delivered") expect(fate.departsAt).toBeCloseTo(1001 + index, 6);
  });
});
