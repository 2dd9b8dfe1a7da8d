import { spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import type { Engine } from "../../sim-host/engine/ports.ts";

/** Where a container's /data is kept by an engine that has directories instead of containers. */
export const dataOf = (directory: string, container: string): string => {
  const data = join(directory, container);
  mkdirSync(data, { recursive: true });
  return data;
};

/** Runs commands as an engine does, but on this machine: /data is a directory for each container. */
export const tarRunner =
  (directory: string): Engine["run"] =>
  async (id, command, { input, outputBytesMax }) => {
    const [program = "", ...words] = command.map((word) => (word === "/data" ? dataOf(directory, id) : word));
    const child = spawn(program, words, { stdio: ["pipe", "pipe", "ignore"] });
    const exit = new Promise<number>((resolve) => {
      child.once("error", () => resolve(127));
      child.once("close", (code) => resolve(code ?? 137));
    });
    const feeding = pipeline(input === undefined ? [] : Readable.from(input), child.stdin).catch(() => undefined);
    const output = await buffer(child.stdout);
    await feeding;
    const isCut = output.length > outputBytesMax;
    return { exitCode: await exit, output: output.subarray(0, outputBytesMax), isCut };
  };
