import { describe, expect, test } from "vitest";
import { DomainError } from "../../shared/kernel/errors.ts";
import type { SelfTestReport } from "./ports.ts";
import { makeWalls, requireWalls } from "./walls.ts";

const start = Date.parse("2026-03-01T12:00:00.000Z");

/** Walls whose firewall and self-test do as they are told, and whose time passes only when it is told to. */
const setUp = () => {
  let now = start;
  const timers = new Set<{ readonly at: number; readonly act: () => void }>();
  const logged: string[] = [];
  const did: string[] = [];
  const world = {
    drift: ["filter: gone"] as readonly string[],
    firewallFailure: undefined as Error | undefined,
    selfTest: (): Promise<Pick<SelfTestReport, "isUp" | "probes">> => Promise.resolve({ isUp: true, probes: [] }),
  };
  const log = (message: string): void => void logged.push(message);
  const walls = makeWalls({
    firewall: {
      check: () =>
        world.firewallFailure === undefined ? Promise.resolve(world.drift) : Promise.reject(world.firewallFailure),
      install() {
        did.push("install");
        world.drift = [];
        return Promise.resolve();
      },
    },
    selfTest: {
      async run() {
        did.push("test");
        return { ...(await world.selfTest()), at: new Date(now).toISOString() };
      },
      stop() {
        did.push("stop");
        return Promise.resolve();
      },
    },
    describeFirewall: () => Promise.resolve({ kind: "nf_tables" }),
    clock: () => new Date(now),
    log: { info: log, warn: log, error: log },
    after(milliseconds, act) {
      const timer = { at: now + milliseconds, act };
      timers.add(timer);
      return () => timers.delete(timer);
    },
  });
  /** Lets the time pass and everything happen that falls into it. */
  const pass = async (seconds: number): Promise<void> => {
    const until = now + seconds * 1000;
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve));
      const [next] = [...timers].filter(({ at }) => at <= until).toSorted((one, other) => one.at - other.at);
      if (next === undefined) break;
      timers.delete(next);
      now = next.at;
      next.act();
    }
    now = until;
  };
  const tests = (): number => did.filter((each) => each === "test").length;
  return { walls, world, logged, did, timers, pass, tests };
};

const open = { name: "own gateway tcp", expected: "blocked", seen: "reached", milliseconds: 3 } as const;
const alone = { name: "neighbour tcp", expected: "reached", seen: "blocked", milliseconds: 3 } as const;

describe("walls", () => {
  test("are down until they were tested", async () => {
    const { walls, did } = setUp();
    expect([walls.isUp(), walls.latest()]).toEqual([false, undefined]);
    expect(() => requireWalls(walls)).toThrow(expect.objectContaining({ code: "walls-down" }));
    await walls.start();
    expect(did).toEqual(["install", "test"]);
    expect(walls.isUp()).toBe(true);
    expect(() => requireWalls(walls)).not.toThrow();
  });

  test("are tested every minute, and not twice when started twice", async () => {
    const { walls, pass, tests } = setUp();
    await Promise.all([walls.start(), walls.start()]);
    await pass(59);
    expect(tests()).toBe(1);
    await pass(1);
    expect(tests()).toBe(2);
    await pass(600);
    expect(tests()).toBe(12);
    expect(walls.isUp()).toBe(true);
  });

  test.each([
    [open, "A node reaches what it must not: own gateway tcp."],
    [alone, "A node does not reach its neighbour: neighbour tcp."],
  ])(
    "are down while a probe sees otherwise, looked at more often, and up again by themselves",
    async (probe, fault) => {
      const { walls, world, logged, pass, tests } = setUp();
      await walls.start();
      world.selfTest = () => Promise.resolve({ isUp: false, probes: [probe] });
      await pass(60);
      expect([walls.isUp(), walls.latest()?.faults]).toEqual([false, [fault]]);
      expect(() => requireWalls(walls)).toThrow(DomainError);
      await pass(50);
      expect(tests()).toBe(7);
      world.selfTest = () => Promise.resolve({ isUp: true, probes: [] });
      await pass(10);
      expect(walls.isUp()).toBe(true);
      // Said once each, however often it is seen.
      expect(logged.slice(1)).toEqual([
        "the walls are up",
        "the walls are down, so nothing starts",
        "the walls are up",
      ]);
    },
  );

  test("that were changed from outside are put right before the test, and it is told", async () => {
    const { walls, world, did, logged, pass } = setUp();
    await walls.start();
    await pass(60);
    expect(did).toEqual(["install", "test", "test"]);
    world.drift = ["filter: gone", "mangle: gone"];
    await pass(60);
    expect(did.slice(3)).toEqual(["install", "test"]);
    expect(walls.latest()).toMatchObject({ isUp: true, repairs: ["filter: gone", "mangle: gone"], faults: [] });
    expect(logged.at(-1)).toBe("the walls were changed from outside and put right");
  });

  test("are down when firewall or test cannot be had, and nothing is rejected", async () => {
    const { walls, world, pass } = setUp();
    world.firewallFailure = new Error("iptables is not installed");
    await walls.start();
    expect(walls.latest()).toMatchObject({ isUp: false, faults: ["iptables is not installed"] });
    world.firewallFailure = undefined;
    world.selfTest = () => Promise.reject(new DomainError("unavailable", "The engine does not answer."));
    await pass(10);
    expect(walls.latest()).toMatchObject({ isUp: false, faults: ["The engine does not answer."] });
    world.selfTest = () => Promise.resolve({ isUp: true, probes: [] });
    await pass(10);
    expect(walls.isUp()).toBe(true);
  });

  test("are down when a test does not end, and no second one is begun beside it", async () => {
    const { walls, world, pass, tests } = setUp();
    await walls.start();
    let end = (_report: Pick<SelfTestReport, "isUp" | "probes">): void => undefined;
    world.selfTest = () => new Promise((resolve) => (end = resolve));
    await pass(60 + 44);
    expect(walls.isUp()).toBe(true);
    await pass(1);
    expect(walls.latest()).toMatchObject({ isUp: false, faults: ["The test of the walls did not end in time."] });
    await pass(600);
    expect(tests()).toBe(2);
    end({ isUp: true, probes: [] });
    world.selfTest = () => Promise.resolve({ isUp: true, probes: [] });
    await pass(10);
    expect([tests(), walls.isUp()]).toEqual([3, true]);
  });

  test("are not believed to be up for long when nobody looks any more", async () => {
    const { walls, pass } = setUp();
    await walls.check();
    await pass(160);
    expect(walls.isUp()).toBe(true);
    await pass(10);
    expect(walls.isUp()).toBe(false);
  });

  test("are tested once for all who ask at the same time", async () => {
    const { walls, tests } = setUp();
    const reports = await Promise.all([walls.check(), walls.check(), walls.start()]);
    expect([tests(), reports[0]]).toEqual([1, reports[1]]);
  });

  test("leave nothing behind: no canary and no timer", async () => {
    const { walls, did, timers, pass } = setUp();
    await walls.start();
    await walls.stop();
    expect([did.at(-1), timers.size]).toEqual(["stop", 0]);
    await pass(600);
    expect(did.filter((each) => each === "test")).toHaveLength(1);
  });

  test("that are stopped in a round wait for its end", async () => {
    const { walls, world, did, timers } = setUp();
    let end = (_report: Pick<SelfTestReport, "isUp" | "probes">): void => undefined;
    world.selfTest = () => new Promise((resolve) => (end = resolve));
    const started = walls.start();
    const stopped = walls.stop();
    await new Promise((resolve) => setImmediate(resolve));
    expect(did).not.toContain("stop");
    end({ isUp: true, probes: [] });
    await Promise.all([started, stopped]);
    expect([did.at(-1), timers.size]).toEqual(["stop", 0]);
  });
});
