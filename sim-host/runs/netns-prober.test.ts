import { describe, expect, it } from "vitest";
import type { Probe } from "../topology/topology.ts";
import { netnsProbers } from "./netns-prober.ts";
import { machineMilliseconds } from "./probe/messages.ts";
import type { Order, ProbeChild } from "./probe-child.ts";

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
const what: Probe = { kind: "tcp", from: "client", to: "web", port: 80 };
const target = { addresses: ["10.0.0.1"], probe: what };
const node = (number: number) => ({ sandboxKey: `/run/netns/${number.toString(16).padStart(12, "0")}` });
const reached = { isLate: false, waitedMilliseconds: 0, isReached: true, milliseconds: 1, detail: "connected" };

/** Programs that answer when the test says so, and are asked nothing after they have ended. */
const someChildren = (childrenMax: number) => {
  const asked: { readonly key: string; readonly order: Order; readonly answer: () => void }[] = [];
  const alive = new Set<{ readonly key: string }>();
  const startChild = (key: string): ProbeChild => {
    expect(alive.size).toBeLessThan(childrenMax);
    const self = { key };
    alive.add(self);
    const over = Promise.withResolvers<undefined>();
    let underWay = 0;
    return {
      isUsable: () => alive.has(self),
      isResting: () => alive.has(self) && underWay === 0,
      ready: Promise.resolve(),
      ended: over.promise,
      kill() {
        alive.delete(self);
        over.resolve(undefined);
      },
      ask(order) {
        underWay += 1;
        const { promise, resolve } = Promise.withResolvers<typeof reached>();
        const answer = (): void => {
          underWay -= 1;
          resolve(reached);
        };
        asked.push({ key, order, answer });
        return promise;
      },
    };
  };
  const open = netnsProbers({ childrenMax, startChild, log: silent });
  const answerAll = (): void => asked.splice(0).forEach(({ answer }) => answer());
  const untilAsked = (key: string) => expect.poll(() => asked.some((one) => one.key === key)).toBe(true);
  return { open, asked, alive, answerAll, untilAsked };
};

describe("the time of a probe", () => {
  it("begins when it is asked for, not when there is a program for it", async () => {
    const { open, asked, answerAll, untilAsked } = someChildren(1);
    const [first, second] = [open(), open()];
    const before = first.probe(node(1), target, 60_000);
    await untilAsked(node(1).sandboxKey);
    const earliest = machineMilliseconds();
    const waiting = second.probe(node(2), target, 60_000);
    const latest = machineMilliseconds();
    answerAll();
    await before;
    await untilAsked(node(2).sandboxKey);
    const { givenAtMilliseconds = 0, untilMilliseconds = 0 } = asked[0]?.order ?? {};
    expect(givenAtMilliseconds).toBeGreaterThanOrEqual(earliest);
    expect(givenAtMilliseconds).toBeLessThanOrEqual(latest);
    expect(untilMilliseconds).toBe(givenAtMilliseconds + 60_000);
    answerAll();
    expect(await waiting).toMatchObject({ isReached: true });
    await Promise.all([first.close(), second.close()]);
  });

  it("is over when it is over: without a program by then, the probe is not made", async () => {
    const { open, asked, answerAll, untilAsked } = someChildren(1);
    const [first, second] = [open(), open()];
    const before = first.probe(node(1), target, 60_000);
    await untilAsked(node(1).sandboxKey);
    await expect(second.probe(node(2), target, 20)).rejects.toThrow("too busy");
    expect(asked.map(({ key }) => key)).toEqual([node(1).sandboxKey]);
    answerAll();
    await before;
    await Promise.all([first.close(), second.close()]);
  });
});

describe("one run that never rests", () => {
  it("does not lose a program that it is about to ask to another one", async () => {
    const { open, answerAll, untilAsked } = someChildren(1);
    const prober = open();
    await prober.prepare(node(1));
    const both = [1, 2].map((number) => prober.probe(node(number), target, 60_000));
    await untilAsked(node(1).sandboxKey);
    answerAll();
    await untilAsked(node(2).sandboxKey);
    answerAll();
    expect(await Promise.all(both)).toHaveLength(2);
    await prober.close();
  });

  it("leaves others their share of the programs, and has its own", async () => {
    const { open, asked, alive, answerAll, untilAsked } = someChildren(4);
    const [greedy, other] = [open(), open()];
    const keys = [1, 2, 3, 4].map((number) => node(number).sandboxKey);
    const probeAll = () => keys.map((sandboxKey) => greedy.probe({ sandboxKey }, target, 60_000));
    const early = probeAll();
    for (const key of keys) await untilAsked(key);
    const others = [8, 9].map((number) => other.probe(node(number), target, 60_000));
    // Asked before the early ones are over: it does not rest for a moment. Two of its nodes wait for places themselves.
    const late = probeAll();
    await expect.poll(() => asked.length).toBe(6);
    answerAll();
    await Promise.all(early);
    await expect.poll(() => asked.length).toBe(4);
    expect([...alive].filter(({ key }) => keys.includes(key))).toHaveLength(2);
    expect(asked.map(({ key }) => key)).toEqual(
      expect.arrayContaining([8, 9].map((number) => node(number).sandboxKey)),
    );
    answerAll();
    expect(await Promise.all([...others, ...late])).toHaveLength(6);
    await Promise.all([greedy.close(), other.close()]);
    expect(alive.size).toBe(0);
  });

  it("waits no longer than it is open", async () => {
    const { open, alive, answerAll, untilAsked } = someChildren(1);
    const [first, second] = [open(), open()];
    const before = first.probe(node(1), target, 60_000);
    await untilAsked(node(1).sandboxKey);
    const waiting = second.probe(node(2), target, 60_000);
    const refused = expect(waiting).rejects.toThrow("closed");
    await second.close();
    await refused;
    await expect(second.probe(node(2), target, 60_000)).rejects.toThrow("closed");
    answerAll();
    await before;
    await first.close();
    expect(alive.size).toBe(0);
  });
});
