import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { withMachineLock } from "./machine-lock.ts";

let directory = "";
let file = "";

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "machine-lock-"));
  file = join(directory, "lock");
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("a lock of the machine", () => {
  it("lets one after the other in", async () => {
    let inside = 0;
    const seen: number[] = [];
    const enter = (): Promise<void> =>
      withMachineLock(file, 10, async () => {
        inside += 1;
        await nextTurn();
        seen.push(inside);
        inside -= 1;
      });
    await Promise.all(Array.from({ length: 6 }, enter));
    expect(seen).toEqual([1, 1, 1, 1, 1, 1]);
  });

  it("answers what was done under it, and lets go when that fails", async () => {
    await expect(withMachineLock(file, 5, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect(await withMachineLock(file, 5, () => Promise.resolve(7))).toBe(7);
  });

  it("is not waited for longer than was said", async () => {
    await withMachineLock(file, 5, async () => {
      await expect(withMachineLock(file, 0, () => Promise.resolve())).rejects.toThrow(
        `Somebody else holds ${file} for over 0 s.`,
      );
    });
  });

  it("is free again as soon as its holder is killed", async () => {
    const module = JSON.stringify(new URL("machine-lock.ts", import.meta.url).href);
    const code = `const { withMachineLock } = await import(${module});
      await withMachineLock(${JSON.stringify(file)}, 5, () => { console.log("held"); return new Promise(() => setInterval(() => {}, 1000)); });`;
    const holder = spawn(process.execPath, [
      "--disable-warning=ExperimentalWarning",
      "--input-type=module",
      "-e",
      code,
    ]);
    await once(holder.stdout, "data");
    holder.kill("SIGKILL");
    expect(await withMachineLock(file, 5, () => Promise.resolve("mine"))).toBe("mine");
  });
});
