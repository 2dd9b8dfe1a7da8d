import type { ChildProcess } from "node:child_process";
import { fork } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { afterEach, expect, it, vi } from "vitest";
import { hubDirectory } from "./fixtures/task-hub.ts";

const instances = 8;
const steps = 12;
const linesEach = steps + 10;

const hub = hubDirectory();
const notesFile = path.join(path.dirname(hub.file), "notes");
const hosts: ChildProcess[] = [];
afterEach(() => {
  for (const host of hosts) host.kill("SIGKILL");
  hub.remove();
});

const notes = (): readonly string[] =>
  existsSync(notesFile) ? readFileSync(notesFile, "utf8").trimEnd().split("\n") : [];

const startHost = () => {
  const settings = { databaseFile: hub.file, notesFile, instances, steps };
  const script = path.join(import.meta.dirname, "fixtures/crash-host.ts");
  // What a killed process leaves behind goes away with the task hub.
  const env = { ...process.env, TMPDIR: path.dirname(hub.file) };
  const host = fork(script, [JSON.stringify(settings)], { env, execArgv: ["--disable-warning=ExperimentalWarning"] });
  hosts.push(host);
  return { host, exited: once(host, "exit") };
};

it("loses nothing to kill -9 in the middle of chains, timers and fan-outs", async () => {
  const total = instances * linesEach;
  for (const share of [0.1, 0.3, 0.5, 0.7, 0.9]) {
    const { host, exited } = startHost();
    await vi.waitFor(() => expect(notes().length).toBeGreaterThan(total * share), { timeout: 10_000, interval: 1 });
    host.kill("SIGKILL");
    expect(await exited).toEqual([null, "SIGKILL"]);
  }
  const { host, exited } = startHost();
  const ended = await new Promise<unknown>((resolve) => host.once("message", resolve));
  expect(await exited).toEqual([0, null]);
  expect(ended).toEqual(Array.from({ length: instances }, () => ({ runtimeStatus: "Completed", output: 10 })));
  expect(new Set(notes()).size).toBe(total);
}, 60_000);
