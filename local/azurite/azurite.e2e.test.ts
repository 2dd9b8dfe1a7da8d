import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { QueueServiceClient } from "@azure/storage-queue";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { partConfigVariable } from "../process/part.ts";
import { waitUntil } from "../process/wait-until.ts";

const Ready = z.object({
  type: z.literal("ready"),
  facts: z.object({ connectionString: z.string(), blobUrl: z.string(), queueUrl: z.string() }),
});
type Facts = z.infer<typeof Ready>["facts"];

let dataDirectory = "";
let part: ChildProcess | undefined;
let output = "";

const startPart = async (ports: Readonly<Record<string, number>> = {}): Promise<Facts> => {
  const child = fork(join(import.meta.dirname, "main.ts"), [], {
    env: { ...process.env, [partConfigVariable]: JSON.stringify({ dataDirectory, ...ports }) },
    execArgv: ["--disable-warning=ExperimentalWarning"],
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  part = child;
  for (const stream of [child.stdout, child.stderr])
    stream?.on("data", (chunk: Buffer) => {
      output += chunk.toString();
    });
  const ended = once(child, "exit").then(() => {
    throw new Error(`Azurite ended before it was ready: ${output}`);
  });
  const answer: readonly unknown[] = await Promise.race([once(child, "message"), ended]);
  return Ready.parse(answer[0]).facts;
};

const endPart = async (how: (child: ChildProcess) => unknown): Promise<void> => {
  const child = part;
  part = undefined;
  if (child?.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, "exit");
  how(child);
  await exit;
};

const portsOf = (facts: Facts): Readonly<Record<string, number>> => ({
  blobPort: Number(new URL(facts.blobUrl).port),
  queuePort: Number(new URL(facts.queueUrl).port),
});

const textsOf = async (facts: Facts): Promise<readonly string[]> => {
  const queue = QueueServiceClient.fromConnectionString(facts.connectionString).getQueueClient("jobs");
  const { peekedMessageItems } = await queue.peekMessages({ numberOfMessages: 10 });
  return peekedMessageItems.map(({ messageText }) => messageText);
};

const send = async (facts: Facts, text: string): Promise<void> => {
  const queue = QueueServiceClient.fromConnectionString(facts.connectionString).getQueueClient("jobs");
  await queue.createIfNotExists();
  await queue.sendMessage(text);
};

beforeEach(() => {
  dataDirectory = mkdtempSync(join(tmpdir(), "azurite-"));
  output = "";
});

afterEach(async () => {
  await endPart((child) => child.kill("SIGKILL"));
  rmSync(dataDirectory, { recursive: true, force: true });
});

describe("Azurite as a part", () => {
  it("keeps queues over a stop and over the death of its parent, on the same ports, and is quiet", async () => {
    const facts = await startPart();
    await send(facts, "one");
    await endPart((child) => child.kill("SIGTERM"));
    const again = await startPart(portsOf(facts));
    expect(again).toEqual(facts);
    expect(await textsOf(again)).toEqual(["one"]);
    await send(again, "two");
    await endPart((child) => child.disconnect());
    expect(await textsOf(await startPart(portsOf(facts)))).toEqual(["one", "two"]);
    expect(output).toBe("");
  });

  it("keeps over kill -9 what was acknowledged half a second before", async () => {
    const facts = await startPart();
    await send(facts, "one");
    const acknowledgedAt = performance.now();
    await waitUntil(() => performance.now() - acknowledgedAt > 500, 1000);
    await endPart((child) => child.kill("SIGKILL"));
    expect(await textsOf(await startPart(portsOf(facts)))).toEqual(["one"]);
  });

  it("answers for blobs as a storage service does", async () => {
    const { blobUrl } = await startPart();
    const response = await fetch(`${blobUrl}/container?restype=container`, {
      headers: { "x-ms-version": "2025-11-05" },
    });
    expect(response.status).toBe(403);
    expect(response.headers.get("server")).toContain("Azurite-Blob");
  });

  it("says so when its port is taken", async () => {
    const facts = await startPart();
    const first = part;
    await expect(startPart(portsOf(facts))).rejects.toThrow("EADDRINUSE");
    part = first;
  });
});
