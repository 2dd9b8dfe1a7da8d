import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { QueueServiceClient } from "@azure/storage-queue";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { type Azurite, startAzuriteQueues } from "../../local/functions-host/fixtures/azurite.ts";
import { type BundledApp, bundleApp } from "../../local/functions-host/fixtures/bundle-app.ts";
import { type ChildHost, endChildHost, startChildHost } from "../../local/functions-host/fixtures/child-host.ts";
import { sqliteDocumentStore } from "../../shared/adapters/sqlite/document-store.ts";
import { openEventStore } from "../../shared/events/event-store.ts";
import { openAlertStore } from "../../shared/health/alert.ts";

interface Note {
  readonly begun?: string;
  readonly attempts?: number;
  readonly done?: string;
}

let azurite: Azurite;
let bundle: BundledApp;
let directory = "";
let host: ChildHost;

beforeAll(async () => {
  // The product's own number of attempts; only the pauses between them are left out.
  const hostJson = JSON.parse(await readFile("host.json", "utf8")) as { extensions: { queues: object } };
  const queues = { ...hostJson.extensions.queues, visibilityTimeout: "00:00:00", maxPollingInterval: "00:00:00.2" };
  azurite = await startAzuriteQueues();
  bundle = await bundleApp("../../../tests/e2e/fixtures/events-app.ts", {
    hostJson: { version: "2.0", extensions: { http: { routePrefix: "" }, queues } },
  });
});
afterAll(async () => {
  await azurite.stop();
  await bundle.remove();
});
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "kombify-events-"));
});
afterEach(async () => {
  await endChildHost(host, "SIGKILL");
  const service = QueueServiceClient.fromConnectionString(azurite.connectionString);
  for (const name of ["events", "events-poison"]) await service.getQueueClient(name).clearMessages();
  await rm(directory, { recursive: true, force: true });
});

const start = async (settings: Record<string, string> = {}): Promise<void> => {
  host = await startChildHost({
    port: 0,
    appDirectory: bundle.appDirectory,
    dataDirectory: join(directory, "host"),
    storageConnectionString: azurite.connectionString,
    settings: {
      NOTES: join(directory, "notes"),
      DOWN: join(directory, "down"),
      SLOW: join(directory, "slow"),
      SQLITE_FILE: join(directory, "documents.sqlite"),
      ...settings,
    },
    queueLeaseSeconds: 2,
  });
};

const notes = async (): Promise<readonly Note[]> => {
  const lines = (await readFile(join(directory, "notes"), "utf8").catch(() => "")).split("\n");
  return lines.filter((line) => line !== "").map((line) => JSON.parse(line) as Note);
};
const deliver = async (key: string): Promise<number> =>
  (await fetch(`${host.url}/webhook/${key}`, { method: "POST" })).status;
const eventually = (check: () => Promise<void>): Promise<void> => vi.waitFor(check, { timeout: 30_000, interval: 50 });
const withDocuments = async <T>(use: (documents: ReturnType<typeof sqliteDocumentStore>) => Promise<T>): Promise<T> => {
  const documents = sqliteDocumentStore(join(directory, "documents.sqlite"));
  try {
    return await use(documents);
  } finally {
    await documents.close();
  }
};
const find = (id: string) => withDocuments((documents) => openEventStore(documents).find(id));
const settled = (id: string, state: string): Promise<void> =>
  eventually(async () => expect(await find(id)).toMatchObject({ state }));

const kombify = async (...args: readonly string[]): Promise<string> => {
  const env = { PATH: process.env["PATH"], KOMBIFY_URL: host.url, KOMBIFY_TOKEN: "olivia" };
  const child = spawn(process.execPath, ["cli/main.mjs", ...args], { env, stdio: ["ignore", "pipe", "inherit"] });
  const [out] = await Promise.all([text(child.stdout), once(child, "exit")]);
  return out;
};

test("1,000 concurrent duplicates of an event are settled once", async () => {
  await start();
  const statuses = await Promise.all(Array.from({ length: 1000 }, () => deliver("evt_1")));
  expect(new Set(statuses)).toEqual(new Set([200]));
  await settled("stripe:evt_1", "done");
  const queue = QueueServiceClient.fromConnectionString(azurite.connectionString).getQueueClient("events");
  await eventually(async () => expect((await queue.getProperties()).approximateMessagesCount).toBe(0));
  expect(await notes()).toEqual([{ begun: "stripe:evt_1", attempts: 1 }, { done: "stripe:evt_1" }]);
});

test("an event that cannot be handled is tried five times, fails, alerts, and is done once it is replayed", async () => {
  await writeFile(join(directory, "down"), "");
  await start();
  await deliver("evt_down");
  await settled("stripe:evt_down", "failed");
  expect((await notes()).map(({ attempts }) => attempts)).toEqual([1, 2, 3, 4, 5]);
  const [alert, ...others] = await withDocuments((documents) => openAlertStore(documents).takeDue(new Date()));
  expect(others).toEqual([]);
  expect(JSON.parse(alert?.body ?? "")).toMatchObject({
    type: "event.failed",
    data: { eventId: "stripe:evt_down", attempts: 5, detail: "Error" },
  });
  expect(JSON.parse(await kombify("events", "list", "--json"))).toMatchObject([{ id: "stripe:evt_down", attempts: 5 }]);
  await rm(join(directory, "down"));
  expect(JSON.parse(await kombify("events", "replay", "--failed", "--json"))).toEqual({
    replayed: ["stripe:evt_down"],
  });
  await settled("stripe:evt_down", "done");
  expect((await notes()).filter(({ done }) => done !== undefined)).toHaveLength(1);
  expect(JSON.parse(await kombify("events", "list", "--json"))).toEqual([]);
});

test("one event that fails keeps those that came with it from nothing", async () => {
  await start();
  await writeFile(join(directory, "down"), "");
  await Promise.all(["a", "b", "c"].map(deliver));
  await eventually(async () => expect((await notes()).length).toBeGreaterThanOrEqual(3));
  await rm(join(directory, "down"));
  for (const key of ["a", "b", "c"]) await settled(`stripe:${key}`, "done");
  expect((await notes()).filter(({ done }) => done !== undefined)).toHaveLength(3);
});

test("kill -9 between storing an event and sending its message loses nothing", async () => {
  await start({ KILLED_AT_SEND: "yes" });
  await expect(deliver("evt_kill")).rejects.toThrow();
  expect(await find("stripe:evt_kill")).toMatchObject({ state: "received", attempts: 0 });
  await start({ AHEAD_SECONDS: "61" });
  await settled("stripe:evt_kill", "done");
  expect((await notes()).map(({ done }) => done)).toEqual([undefined, "stripe:evt_kill"]);
});

test("kill -9 while an event is handled has it handled again", async () => {
  await writeFile(join(directory, "slow"), "");
  await start();
  await deliver("evt_slow");
  await eventually(async () => expect(await notes()).toHaveLength(1));
  await endChildHost(host, "SIGKILL");
  await rm(join(directory, "slow"));
  await start({ AHEAD_SECONDS: "61" });
  await settled("stripe:evt_slow", "done");
  expect((await notes()).map(({ attempts }) => attempts)).toEqual([1, 2, undefined]);
});

test("a message that is no list of events ends in the poison queue's own poison queue and stops nobody", async () => {
  await start();
  const service = QueueServiceClient.fromConnectionString(azurite.connectionString);
  await deliver("evt_first");
  await service.getQueueClient("events").sendMessage(Buffer.from("not json").toString("base64"));
  const last = service.getQueueClient("events-poison-poison");
  await eventually(async () => expect((await last.peekMessages()).peekedMessageItems).toHaveLength(1));
  await deliver("evt_after");
  await settled("stripe:evt_after", "done");
});
