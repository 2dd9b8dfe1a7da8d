import { InvocationContext } from "@azure/functions";
import type { DurableClient, DurableOrchestrationStatus } from "durable-functions";
import { getClient, input, OrchestrationRuntimeStatus } from "durable-functions";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { DurableHub } from "./fixtures/durable-hub.ts";
import { openHub } from "./fixtures/durable-hub.ts";

let hub: DurableHub;
let client: DurableClient;
const status = OrchestrationRuntimeStatus;

beforeAll(async () => {
  process.env["WEBSITE_HOSTNAME"] = "127.0.0.1:7071";
  hub = await openHub();
  const clientInput = input.durableClient();
  const context = new InvocationContext({ options: { extraInputs: [clientInput] } });
  context.extraInputs.set(clientInput, JSON.parse(hub.extension.clientBindingData()));
  client = getClient(context);
});
afterAll(() => hub.remove());

const ended = (id: string): Promise<DurableOrchestrationStatus> =>
  vi.waitFor(
    async () => {
      const found = await client.getStatus(id);
      expect(["Completed", "Failed", "Terminated"]).toContain(found.runtimeStatus);
      return found;
    },
    { timeout: 10_000, interval: 20 },
  );
const run = async (name: string, value?: unknown): Promise<DurableOrchestrationStatus> =>
  ended(await client.startNew(name, { input: value }));
const running = (id: string): Promise<void> =>
  vi.waitFor(async () => expect((await client.getStatus(id)).runtimeStatus).toBe("Running"), { timeout: 5000 });

describe("orchestrations of the unmodified SDK", () => {
  it.each([
    { name: "chain", value: 3, output: { second: 12, hello: "Hello you" } },
    { name: "retry-until-good", value: undefined, output: "at last" },
    { name: "retry-in-vain", value: undefined, output: "no luck, then 8" },
    { name: "fan-out", value: undefined, output: 380 },
    { name: "count-to", value: { value: 1, to: 5 }, output: 5 },
    { name: "race-with-timer", value: { timer: 30 }, output: ["timer", 42] },
    { name: "parent", value: undefined, output: { child: { second: 20, hello: "Hello you" }, failure: "on purpose" } },
  ])("$name completes", async ({ name, value, output }) => {
    expect(await run(name, value)).toMatchObject({ runtimeStatus: status.Completed, output });
  });

  it("keeps a custom status", async () => {
    expect((await run("retry-in-vain")).customStatus).toBe("caught");
  });

  it("fires a timer not before its time", async () => {
    expect((await run("timed")).output).toBeGreaterThanOrEqual(60);
  });

  it("advances a timer of eight days in steps of three", async () => {
    const id = await client.startNew("long-timer");
    await running(id);
    const { historyEvents } = await historyOf(id);
    expect(historyEvents.filter(({ EventType }) => EventType === "TimerFired")).toEqual([]);
    await client.terminate(id, "seen enough");
    expect((await ended(id)).runtimeStatus).toBe(status.Terminated);
  });

  it("does not end while a timer is left behind", async () => {
    const begin = performance.now();
    expect(await run("leaves-a-timer")).toMatchObject({ output: "early" });
    expect(performance.now() - begin).toBeGreaterThanOrEqual(140);
  });
});

const historyOf = async (id: string): Promise<{ historyEvents: { EventType: string }[] }> => {
  const answer = await hub.extension.handleRequest({
    method: "GET",
    path: `/instances/${id}`,
    query: new URLSearchParams({ showHistory: "true", showHistoryOutput: "true" }),
    headers: {},
    body: Buffer.alloc(0),
    origin: "http://127.0.0.1:7071",
  });
  return JSON.parse(answer.body ?? "") as { historyEvents: { EventType: string }[] };
};

describe("external events", () => {
  it("are taken in order, also when they come before they are waited for", async () => {
    const id = await client.startNew("wait-for-two");
    await client.raiseEvent(id, "go", { number: 1 });
    await client.raiseEvent(id, "go", { number: 2 });
    expect((await ended(id)).output).toEqual([{ number: 1 }, { number: 2 }]);
  });

  it("win a race, and the cancelled timer keeps nothing open", async () => {
    const id = await client.startNew("race-with-timer", { input: { timer: 60_000 } });
    await running(id);
    await client.raiseEvent(id, "go", {});
    expect((await ended(id)).output).toEqual(["event", 42]);
  });
});

describe("the client", () => {
  it("suspends and resumes: what comes in between waits", async () => {
    const id = await client.startNew("wait-for-two");
    await running(id);
    await client.suspend(id, "pause");
    await vi.waitFor(async () => expect((await client.getStatus(id)).runtimeStatus).toBe("Suspended"));
    await client.raiseEvent(id, "go", 1);
    await client.raiseEvent(id, "go", 2);
    expect((await client.getStatus(id)).runtimeStatus).toBe("Suspended");
    await client.resume(id, "on");
    expect((await ended(id)).output).toEqual([1, 2]);
  });

  it("refuses an id that is in use and replaces one that has ended", async () => {
    await client.startNew("wait-for-two", { instanceId: "once" });
    await expect(client.startNew("wait-for-two", { instanceId: "once" })).rejects.toThrow();
    await client.terminate("once", "enough");
    expect(await ended("once")).toMatchObject({ runtimeStatus: "Terminated", output: "enough" });
    await client.startNew("chain", { instanceId: "once", input: 1 });
    expect((await ended("once")).output).toMatchObject({ second: 4 });
  });

  it("purges what has ended", async () => {
    const id = (await run("chain", 1)).instanceId;
    expect((await client.purgeInstanceHistory(id)).instancesDeleted).toBe(1);
    await expect(client.getStatus(id)).rejects.toThrow();
    expect((await client.purgeInstanceHistory(id)).instancesDeleted).toBe(0);
  });

  it("lists by status", async () => {
    const id = await client.startNew("wait-for-two");
    await running(id);
    const found = await client.getStatusBy({ runtimeStatus: [status.Running] });
    expect(found.map(({ instanceId }) => instanceId)).toContain(id);
    expect(found.every(({ runtimeStatus }) => runtimeStatus === status.Running)).toBe(true);
  });

  it.each(["a/b", "@entity", "a?b", "x".repeat(101)])("refuses the instance id %s", async (instanceId) => {
    await expect(client.startNew("chain", { instanceId: encodeURIComponent(instanceId) })).rejects.toThrow();
  });

  it("refuses an unknown orchestrator", async () => {
    await expect(client.startNew("nobody")).rejects.toThrow();
  });
});

describe("what goes wrong is said", () => {
  it.each([
    { name: "always-failing", says: "on purpose" },
    { name: "changes-its-mind", says: "Non-Deterministic" },
    { name: "uses-http", says: "callHttp is not supported locally" },
    { name: "uses-entity", says: "Durable entities are not supported locally" },
    { name: "unknown-activity", says: "There is no activity function 'nobody'" },
  ])("$name fails with: $says", async ({ name, says }) => {
    const { runtimeStatus, output } = await run(name);
    expect(runtimeStatus).toBe(status.Failed);
    expect(output).toContain(says);
  });
});
