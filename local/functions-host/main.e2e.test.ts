import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { QueueServiceClient } from "@azure/storage-queue";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { type Azurite, startAzuriteQueues } from "./fixtures/azurite.ts";
import { type BundledApp, bundleApp } from "./fixtures/bundle-app.ts";
import { type ChildHost, endChildHost, startChildHost } from "./fixtures/child-host.ts";

type Note = Readonly<Record<string, unknown>>;

const base64 = (text: string): string => Buffer.from(text).toString("base64");

describe("the host as a process, with timers and real queues", () => {
  let azurite: Azurite;
  let bundle: BundledApp;
  let directory: string;
  let host: ChildHost | undefined;
  let queueName = "";
  let count = 0;

  beforeAll(async () => {
    azurite = await startAzuriteQueues();
    bundle = await bundleApp("worker-app.ts", {
      hostJson: {
        version: "2.0",
        extensions: { queues: { maxDequeueCount: 3, visibilityTimeout: "00:00:00", maxPollingInterval: "00:00:00.2" } },
      },
    });
  });
  afterAll(async () => {
    await azurite.stop();
    await bundle.remove();
  });
  beforeEach(async () => {
    directory = await mkdtemp(path.join(tmpdir(), "functions-host-"));
    count += 1;
    queueName = `work-${count}`;
  });
  afterEach(async () => {
    if (host !== undefined) await endChildHost(host, "SIGKILL");
    await rm(directory, { recursive: true });
  });

  const start = async (settings: Record<string, string> = {}, queueLeaseSeconds = 600): Promise<ChildHost> => {
    host = await startChildHost({
      port: 0,
      appDirectory: bundle.appDirectory,
      dataDirectory: path.join(directory, "data"),
      storageConnectionString: azurite.connectionString,
      settings: { WORK_QUEUE: queueName, TICK: "01:00:00", NOTES: path.join(directory, "notes"), ...settings },
      keys: { master: "master" },
      queueLeaseSeconds,
    });
    return host;
  };

  const notes = async (): Promise<readonly Note[]> => {
    const text = await readFile(path.join(directory, "notes"), "utf8").catch(() => "");
    return text
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as Note);
  };

  const eventually = (check: () => Promise<void>): Promise<void> =>
    vi.waitFor(check, { timeout: 20_000, interval: 50 });

  const service = (): QueueServiceClient => QueueServiceClient.fromConnectionString(azurite.connectionString);
  const send = (text: string): Promise<unknown> => service().getQueueClient(queueName).sendMessage(base64(text));
  const peek = async (name: string): Promise<readonly string[]> => {
    const { peekedMessageItems } = await service().getQueueClient(name).peekMessages({ numberOfMessages: 32 });
    return peekedMessageItems.map((message) => Buffer.from(message.messageText, "base64").toString());
  };
  const waiting = async (): Promise<number> =>
    (await service().getQueueClient(queueName).getProperties()).approximateMessagesCount ?? -1;
  const postToAdmin = async (
    functionName: string,
    body: string,
    headers: Record<string, string> = {},
  ): Promise<number> => {
    const url = `${host?.url ?? ""}/admin/functions/${functionName}`;
    const all = { "x-functions-key": "master", "content-type": "application/json", ...headers };
    return (await fetch(url, { method: "POST", body, headers: all })).status;
  };

  it("creates the queue, gives each message to the function once and removes it", async () => {
    await start();
    await Promise.all(Array.from({ length: 40 }, (_, index) => send(JSON.stringify({ index }))));
    await eventually(async () => expect((await notes()).filter((note) => "done" in note)).toHaveLength(40));
    const [first] = await notes();
    expect(first).toMatchObject({ id: "string", dequeueCount: 1, queueTrigger: first!["message"] });
    expect(Date.parse(String(first!["insertionTime"]))).toBeGreaterThan(Date.now() - 60_000);
    await eventually(async () => expect(await waiting()).toBe(0));
    expect((await notes()).filter((note) => "done" in note)).toHaveLength(40);
  });

  it("moves a message to the poison queue after the last attempt", async () => {
    await start();
    await send("poison");
    await eventually(async () => expect(await peek(`${queueName}-poison`)).toEqual(["poison"]));
    expect((await notes()).map((note) => note["dequeueCount"])).toEqual([1, 2, 3]);
    expect(await waiting()).toBe(0);
  });

  it("moves a message that is no base64 straight to the poison queue", async () => {
    await start();
    await service().getQueueClient(queueName).sendMessage("not base64!");
    await eventually(async () => {
      const { peekedMessageItems } = await service().getQueueClient(`${queueName}-poison`).peekMessages();
      expect(peekedMessageItems.map((message) => message.messageText)).toEqual(["not base64!"]);
    });
    expect(await notes()).toEqual([]);
  });

  it("keeps a message hidden while a function works on it longer than the lease", async () => {
    await start({}, 1);
    await send("slow");
    await eventually(async () => expect((await notes()).filter((note) => "done" in note)).toHaveLength(1));
    await eventually(async () => expect(await waiting()).toBe(0));
    expect((await notes()).map((note) => note["done"] ?? note["dequeueCount"])).toEqual([1, "slow"]);
  });

  it("lets a function end when the host is stopped", async () => {
    const running = await start({}, 1);
    await send("slow");
    await eventually(async () => expect(await notes()).toHaveLength(1));
    expect(await endChildHost(running, "SIGTERM")).toBe(0);
    expect((await notes()).map((note) => note["done"] ?? note["dequeueCount"])).toEqual([1, "slow"]);
    expect(await waiting()).toBe(0);
  });

  it("brings a message back when the host was killed at work on it", async () => {
    const killed = await start({}, 2);
    await send("slow");
    await eventually(async () => expect(await notes()).toHaveLength(1));
    await endChildHost(killed, "SIGKILL");
    await start();
    await eventually(async () => expect((await notes()).at(-1)).toEqual({ function: "work", done: "slow" }));
    expect((await notes()).map((note) => note["done"] ?? note["dequeueCount"])).toEqual([1, 2, "slow"]);
  });

  it("reports a queue whose name cannot be resolved, and runs the rest", async () => {
    const { url } = await start();
    const response = await fetch(`${url}/admin/functions/unresolved/status`, {
      headers: { "x-functions-key": "master" },
    });
    expect(await response.json()).toEqual({ errors: ["'%NO_SUCH_SETTING%' does not resolve to a value."] });
    expect(await (await fetch(`${url}/api/ping`)).text()).toBe("pong");
  });

  it("runs a timer with the input of the real host", async () => {
    await start({ TICK: "* * * * * *" });
    await eventually(async () => expect((await notes()).length).toBeGreaterThan(1));
    expect((await notes())[0]).toEqual({
      function: "tick",
      timer: { schedule: { adjustForDST: true }, scheduleStatus: null, isPastDue: false },
    });
  });

  it("does not start a disabled function", async () => {
    await start({ TICK: "00:00:00.1", "AzureWebJobs.work.Disabled": "true" });
    await eventually(async () => expect((await notes()).length).toBeGreaterThan(3));
    const queues: string[] = [];
    for await (const queue of service().listQueues()) queues.push(queue.name);
    expect(queues).not.toContain(queueName);
  });

  it("starts functions by hand through the admin API, which answers at once", async () => {
    await start();
    expect(await postToAdmin("tick", "{}")).toBe(202);
    expect(await postToAdmin("work", JSON.stringify({ input: "by hand" }))).toBe(202);
    await eventually(async () =>
      expect(await notes()).toEqual(
        expect.arrayContaining([
          expect.objectContaining({ function: "tick" }),
          expect.objectContaining({ message: "by hand" }),
        ]),
      ),
    );
  });

  it.each([
    ["work", "", {}, 400],
    ["work", "{", {}, 400],
    ["work", '{"input":{}}', {}, 400],
    ["work", "{}", { "content-type": "text/plain" }, 415],
    ["work", "{}", { "x-functions-key": "wrong" }, 401],
    ["ping", "{}", {}, 400],
    ["nobody", "{}", {}, 404],
  ])("answers a manual run of %s with body %j and headers %o: %i", async (functionName, body, headers, status) => {
    await start();
    expect(await postToAdmin(functionName, body, headers)).toBe(status);
  });

  it("keeps its keys in a file that only the owner reads, and keeps them over a restart", async () => {
    const file = path.join(directory, "data", "keys.json");
    await endChildHost(await start(), "SIGTERM");
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const first = await readFile(file, "utf8");
    await endChildHost(await start(), "SIGTERM");
    expect(await readFile(file, "utf8")).toBe(first);
    expect(first).toMatch(/"master": "master"/);
    expect(first).toMatch(/"durabletask_extension": ".{50,}"/);
  });
});

describe("an app that cannot start", () => {
  it.each([
    ["throwing-app.ts", "this app cannot start"],
    ["duplicate-app.ts", 'A function with id "twin" has already been registered.'],
    ["streaming-app.ts", "enableHttpStream: true }) is not supported locally"],
    ["entity-app.ts", 'Function "counter" uses the trigger "entityTrigger", which is not supported locally.'],
    ["plain-app.ts", 'uses the trigger "testTrigger", which is not supported locally.'],
  ])("%s ends the process with an error", async (fixture, message) => {
    const bundle = await bundleApp(fixture);
    const config = {
      port: 0,
      appDirectory: bundle.appDirectory,
      dataDirectory: path.join(bundle.appDirectory, "data"),
    };
    await expect(startChildHost(config)).rejects.toThrow(message);
    await expect(startChildHost(config)).rejects.toThrow("The host ended with 1");
    await bundle.remove();
  });
});

describe("an ESM app", () => {
  it("runs like any other", async () => {
    const bundle = await bundleApp("http-app.ts", { format: "esm" });
    const config = {
      port: 0,
      appDirectory: bundle.appDirectory,
      dataDirectory: path.join(bundle.appDirectory, "data"),
    };
    const host = await startChildHost(config);
    expect(await (await fetch(`${host.url}/api/anonymous`)).text()).toBe("anyone");
    expect(await endChildHost(host, "SIGTERM")).toBe(0);
    await bundle.remove();
  });
});
