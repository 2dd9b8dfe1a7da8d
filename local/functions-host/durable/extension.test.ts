import { InvocationContext } from "@azure/functions";
import type { DurableClient, DurableOrchestrationStatus } from "durable-functions";
import { EntityId, getClient, input, OrchestrationRuntimeStatus } from "durable-functions";
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

  it("lets exactly one of ten simultaneous starts have an id", async () => {
    const start = () => client.startNew("wait-for-two", { instanceId: "contested" });
    const results = await Promise.allSettled(Array.from({ length: 10 }, start));
    expect(results.filter(({ status: outcome }) => outcome === "fulfilled")).toHaveLength(1);
    await running("contested");
    for (const number of [1, 2]) await client.raiseEvent("contested", "go", number);
    expect((await ended("contested")).output).toEqual([1, 2]);
    const { historyEvents } = await historyOf("contested");
    expect(historyEvents.filter(({ EventType }) => EventType === "ExecutionStarted")).toHaveLength(1);
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

  it("purges by filter, and says so when there is nothing to purge", async () => {
    const { instanceId } = await run("chain", 1);
    const createdTimeFrom = new Date(0);
    const { instancesDeleted } = await client.purgeInstanceHistoryBy({
      createdTimeFrom,
      runtimeStatus: [status.Completed],
    });
    expect(instancesDeleted).toBeGreaterThan(0);
    await expect(client.getStatus(instanceId)).rejects.toThrow();
    const none = { createdTimeFrom: new Date("2100-01-01"), createdTimeTo: new Date("2100-01-02") };
    expect(await client.purgeInstanceHistoryBy(none)).toMatchObject({ instancesDeleted: 0 });
  });

  it("lists everything, page by page", async () => {
    const ids = await Promise.all(Array.from({ length: 105 }, () => client.startNew("chain", { input: 1 })));
    const found = new Set((await client.getStatusAll()).map(({ instanceId }) => instanceId));
    expect(ids.filter((id) => !found.has(id))).toEqual([]);
    await Promise.all(ids.map(ended));
  });

  it("passes version and input on", async () => {
    const id = await client.startNew("tells-its-version", { version: "1.2", input: { a: [1, null] } });
    expect((await ended(id)).output).toEqual(["1.2", null, { a: [1, null] }]);
  });

  it("hears what is not built", async () => {
    const { instanceId } = await run("always-failing");
    await expect(client.rewind(instanceId, "try again")).rejects.toThrow("Rewind is not supported locally.");
    await expect(client.readEntityState(new EntityId("counter", "one"))).rejects.toThrow("not supported locally");
  });

  it("is served on loopback without a key, but not to a page in a browser", async () => {
    const binding = JSON.parse(hub.extension.clientBindingData()) as { rpcBaseUrl: string };
    expect(binding.rpcBaseUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/durabletask\/$/);
    const url = new URL("orchestrators/chain", binding.rpcBaseUrl);
    const post = (headers: Record<string, string>) => fetch(url, { method: "POST", body: "1", headers });
    expect((await post({ origin: "http://evil.example" })).status).toBe(403);
    expect((await post({})).status).toBe(202);
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

it("stops once for any number of calls, and answers 503 afterwards", async () => {
  await Promise.all([hub.extension.stop(), hub.extension.stop()]);
  const request = { method: "GET", path: "/instances/", query: new URLSearchParams(), headers: {} };
  const answer = await hub.extension.handleRequest({ ...request, body: Buffer.alloc(0), origin: "http://127.0.0.1" });
  expect(answer.status).toBe(503);
});
