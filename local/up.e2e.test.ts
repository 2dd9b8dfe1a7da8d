import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { pocketBasePids } from "../tests/e2e/support/processes.ts";

let directory = "";
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "kombify-up-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

interface Ended {
  readonly code: number | null;
  readonly output: string;
}

/** Runs `npm start` as its shim does; `signalAt`: the line at which it is interrupted. */
const up = async (args: readonly string[], signalAt?: RegExp): Promise<Ended> => {
  const child = spawn(process.execPath, ["local/up.ts", ...args], { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  let isSignalled = false;
  const read = (chunk: Buffer): void => {
    output += chunk.toString();
    if (isSignalled || signalAt?.test(output) !== true) return;
    isSignalled = true;
    child.kill("SIGINT");
  };
  child.stdout.on("data", read);
  child.stderr.on("data", read);
  const [code] = (await once(child, "close")) as [number | null];
  return { code, output };
};

test.each([
  ["during the set-up", /Setting up/],
  ["while the parts start", /Starting the platform/],
  ["in the middle of the journey", /provisions a Stack instance/],
])("Ctrl-C %s ends everything with 130", async (_when, line) => {
  const data = join(directory, "data");
  const { code, output } = await up(["--once", "--data", data], line);
  expect(code, output).toBe(130);
  expect(output).not.toContain("looks for Acme's node");
  expect(pocketBasePids(data)).toEqual([]);
  expect(existsSync(join(data, "up.pid"))).toBe(false);
});

test("what is wrong with the command is said, without advice to throw data away", async () => {
  const file = join(directory, "file");
  writeFileSync(file, "");
  for (const [args, words] of [
    [["--bogus"], "--bogus"],
    [["--host", "foo"], "--host is local or func"],
    [["--data", file], "is no directory"],
  ] as const) {
    const { code, output } = await up([...args]);
    expect(code).toBe(1);
    expect(output).toContain(words);
    expect(output).not.toContain("--reset");
  }
});

test("help needs nothing installed", async () => {
  const child = spawn("node", ["scripts/with-node-24.mjs", "local/up.ts", "--help"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const chunks: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  await once(child, "close");
  expect(Buffer.concat(chunks).toString()).toContain("npm start -- [options]");
});
