import { spawn } from "node:child_process";
import type { ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { afterAll, beforeAll, expect, it, vi } from "vitest";

let directory: string;
let child: ChildProcessByStdio<Writable, Readable, null> | undefined;
let rpcBaseUrl: string;

const start = async (): Promise<void> => {
  const script = path.join(import.meta.dirname, "fixtures/durable-child.ts");
  child = spawn(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", script, path.join(directory, "hub.sqlite")],
    {
      env: { ...process.env, TMPDIR: directory },
      stdio: ["pipe", "pipe", "inherit"],
    },
  );
  const [line] = (await once(createInterface(child.stdout), "line")) as [string];
  rpcBaseUrl = line;
};
const kill = async (): Promise<void> => {
  if (child === undefined) return;
  const exited = once(child, "exit");
  child.kill("SIGKILL");
  await exited;
  child = undefined;
};

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "durable-kill-"));
});
afterAll(async () => {
  await kill();
  await rm(directory, { recursive: true, force: true, maxRetries: 5 });
});

const call = async (method: string, target: string, body?: unknown): Promise<unknown> => {
  const init = { method, headers: { "content-type": "application/json" }, signal: AbortSignal.timeout(5000) };
  const response = await fetch(
    `${rpcBaseUrl}${target}`,
    body === undefined ? init : { ...init, body: JSON.stringify(body) },
  );
  return response.json();
};
const linesOf = async (file: string): Promise<readonly string[]> => {
  const text = await readFile(file, "utf8").catch(() => "");
  return text.split("\n").filter((line) => line !== "");
};

const noteIds = Array.from({ length: 20 }, (_, index) => `notes-${index}`);
const steps = 15;
const expectedLines = noteIds.flatMap((id) => [
  ...Array.from({ length: steps }, (_, step) => `${id} ${step}`),
  ...Array.from({ length: 10 }, (_, index) => `${id} fan ${index}`),
]);

it("finishes everything although its process is killed again and again", async () => {
  const kills = Array.from({ length: 4 }, () => Math.floor(Math.random() * expectedLines.length)).sort((a, b) => a - b);
  const file = path.join(directory, "notes.txt");
  await start();
  for (const id of noteIds) await call("POST", `orchestrators/notes/${id}`, { file, steps });
  await call("POST", "orchestrators/count-to/counting", { value: 1, to: 40 });
  await call("POST", "orchestrators/parent/parent");
  for (const lineCount of kills) {
    await vi.waitFor(async () => expect((await linesOf(file)).length).toBeGreaterThanOrEqual(lineCount), {
      timeout: 10_000,
      interval: 2,
    });
    await kill();
    await start();
  }
  await vi.waitFor(
    async () => {
      const found = (await call("GET", "instances/?top=1000")) as { instanceId: string; runtimeStatus: string }[];
      const open = found.filter(({ runtimeStatus }) => !["Completed", "Failed"].includes(runtimeStatus));
      expect(open, `killed at lines ${kills.join(", ")}`).toEqual([]);
    },
    { timeout: 10_000, interval: 50 },
  );
  const outputs = async (id: string) => ((await call("GET", `instances/${id}`)) as { output: unknown }).output;
  expect(await Promise.all(noteIds.map(outputs))).toEqual(noteIds.map(() => 10));
  expect(await outputs("counting")).toBe(40);
  expect(await outputs("parent")).toEqual({ child: { second: 20, hello: "Hello you" }, failure: "on purpose" });
  const lines = await linesOf(file);
  expect(new Set(lines)).toEqual(new Set(expectedLines));
  // What was committed is not done again: only activities that ran at a kill are noted twice.
  expect(lines.length - expectedLines.length).toBeLessThanOrEqual(kills.length * 10 * availableParallelism());
}, 30_000);
