import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { FixtureApp } from "../fixtures/fixture-app.ts";
import { loadFixtureApp } from "../fixtures/fixture-app.ts";
import { rushingTime } from "../fixtures/rushing-time.ts";
import { hubDirectory, raiseIn, startIn } from "../fixtures/task-hub.ts";
import { eventType } from "../history/history-event.ts";
import { functionProtocol } from "../protocol/function-protocol.ts";
import type { InstanceRow } from "../store/records.ts";
import { isTerminal } from "../store/records.ts";
import { TaskHubStore } from "../store/task-hub-store.ts";
import { TurnEngine } from "./engine.ts";

let app: FixtureApp;
let hub: ReturnType<typeof hubDirectory>;
let store: TaskHubStore;
let engine: TurnEngine;

beforeAll(async () => {
  app = await loadFixtureApp();
});
afterAll(() => app.remove());
beforeEach(() => {
  hub = hubDirectory();
  store = new TaskHubStore(hub.file);
  engine = new TurnEngine({ store, protocol: functionProtocol(app), log: () => undefined, time: rushingTime() });
});
afterEach(async () => {
  await engine.stop();
  store.close();
  hub.remove();
});

const ended = (instanceId: string): Promise<InstanceRow> =>
  vi.waitFor(() => {
    const row = store.readInstance(instanceId);
    if (row === undefined || !isTerminal(row.status)) throw new Error(`still ${row?.status ?? "missing"}`);
    return row;
  }, 5000);
const waiting = (instanceId: string): Promise<void> =>
  vi.waitFor(() => expect(store.readInstance(instanceId)?.status).toBe("Running"), 5000);
const tell = (instanceId: string, kind: "terminate" | "suspend" | "resume", reason: string): void => {
  store.send({ instanceId, executionId: null, visibleAt: 0, message: { kind, reason } });
  engine.notify(instanceId);
};
const typesIn = (instanceId: string, type: number): number =>
  store.readHistory(instanceId).filter(({ EventType }) => EventType === type).length;

describe("time", () => {
  it("passes eight days in three steps", async () => {
    startIn(store, "one", "long-timer", null);
    engine.start();
    expect(await ended("one")).toMatchObject({ status: "Completed", output: '"done"' });
    expect(typesIn("one", eventType.timerFired)).toBe(3);
  });

  it("does not go back in a history when the clock is set back", async () => {
    let now = Date.UTC(2030, 0, 1);
    const time = { ...rushingTime(), now: () => (now -= 1000) };
    engine = new TurnEngine({ store, protocol: functionProtocol(app), log: () => undefined, time });
    startIn(store, "one", "chain", 1);
    engine.start();
    expect((await ended("one")).status).toBe("Completed");
    const opened = store.readHistory("one").filter(({ EventType }) => EventType === eventType.orchestratorStarted);
    const stamps = opened.map(({ Timestamp }) => Timestamp);
    expect(stamps.length).toBe(4);
    expect(stamps).toEqual(stamps.toSorted());
  });
});

describe("continue as new", () => {
  it("takes one event in each execution when they come one by one", async () => {
    startIn(store, "one", "takes-as-it-comes", { rounds: 3, seen: [] });
    engine.start();
    for (const number of [1, 2, 3]) {
      const before = store.readInstance("one")?.executionId;
      await vi.waitFor(() => expect(typesIn("one", eventType.executionStarted)).toBe(1));
      raiseIn(store, "one", "next", number);
      engine.notify("one");
      await vi.waitFor(() => {
        const row = store.readInstance("one");
        expect(row?.executionId !== before || row?.status === "Completed").toBe(true);
      });
    }
    expect((await ended("one")).output).toBe("[1,2,3]");
  });

  it("keeps what comes behind the call and starts the next execution with it", async () => {
    startIn(store, "one", "takes-as-it-comes", { rounds: 3, seen: [] });
    for (const number of [1, 2, 3]) raiseIn(store, "one", "next", number);
    engine.start();
    expect((await ended("one")).output).toBe("[1,2,3]");
    expect(typesIn("one", eventType.executionStarted)).toBe(1);
  });
});

describe("children", () => {
  it("tell their parent when their id is in use", async () => {
    startIn(store, "taken", "wait-for-two", null);
    startIn(store, "one", "asks-for-a-child", "taken");
    engine.start();
    expect((await ended("one")).output).toContain("already under way");
    expect(store.readInstance("taken")?.parent).toBeNull();
  });

  it("fail for their parent when they are terminated", async () => {
    startIn(store, "one", "asks-for-a-child", "child");
    engine.start();
    await waiting("child");
    tell("child", "terminate", "not wanted");
    expect((await ended("one")).output).toContain("not wanted");
    expect((await ended("child")).status).toBe("Terminated");
  });

  it("go on when their parent is terminated", async () => {
    startIn(store, "one", "asks-for-a-child", "child");
    engine.start();
    await waiting("child");
    tell("one", "terminate", "not wanted");
    await ended("one");
    for (const number of [1, 2]) raiseIn(store, "child", "go", number);
    engine.notify("child");
    expect((await ended("child")).output).toBe("[1,2]");
    expect(store.dueMessages("one", Number.MAX_SAFE_INTEGER)).toEqual([]);
  });

  it("fail when there is no such orchestrator", async () => {
    startIn(store, "one", "greets-nobody", null);
    engine.start();
    expect((await ended("one")).output).toContain("There is no orchestrator function 'nobody'");
  });
});

describe("control", () => {
  it("keeps what comes for a suspended instance until it is resumed, across a restart too", async () => {
    startIn(store, "one", "wait-for-two", null);
    engine.start();
    await waiting("one");
    tell("one", "suspend", "pause");
    await vi.waitFor(() => expect(store.readInstance("one")?.status).toBe("Suspended"));
    for (const number of [1, 2]) raiseIn(store, "one", "go", number);
    await engine.stop();
    engine = new TurnEngine({ store, protocol: functionProtocol(app), log: () => undefined, time: rushingTime() });
    engine.start();
    await new Promise(setImmediate);
    expect(store.readInstance("one")?.status).toBe("Suspended");
    tell("one", "resume", "on");
    expect((await ended("one")).output).toBe("[1,2]");
  });

  it("applies suspend and terminate in the order in which they came", async () => {
    startIn(store, "one", "wait-for-two", null);
    tell("one", "suspend", "pause");
    tell("one", "terminate", "enough");
    raiseIn(store, "one", "go", 1);
    engine.start();
    expect(await ended("one")).toMatchObject({ status: "Terminated", output: "enough" });
  });

  it("leaves nothing of an instance that was replaced", async () => {
    startIn(store, "one", "wait-for-two", null);
    engine.start();
    await waiting("one");
    tell("one", "terminate", "enough");
    await ended("one");
    expect(startIn(store, "one", "chain", 1)).toBe(true);
    engine.notify("one");
    expect(JSON.parse((await ended("one")).output ?? "")).toMatchObject({ second: 4 });
    expect(typesIn("one", eventType.executionTerminated)).toBe(0);
  });
});

it("a second host is kept away from a task hub in use", () => {
  expect(() => new TaskHubStore(hub.file)).toThrow(/is another host using it/);
}, 15_000);
