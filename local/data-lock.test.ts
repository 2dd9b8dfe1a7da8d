import { chmodSync, chownSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { emptyData, openData } from "./data-lock.ts";

let directory = "";
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "kombify-data-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const put = (...names: readonly string[]): void => {
  for (const name of names) {
    mkdirSync(join(directory, name));
    writeFileSync(join(directory, name, "file"), "content");
  }
};

test("forgets what the platform made and leaves what it did not", () => {
  put("secrets", "logs", "Documents", ".ssh");
  writeFileSync(join(directory, "keys.json"), "{}");
  emptyData(directory);
  expect(readdirSync(directory).toSorted()).toEqual([".ssh", "Documents"]);
});

test("touches nothing where the platform never was, even under a name it would use", () => {
  put("Documents", "logs");
  expect(() => emptyData(directory)).toThrow(/leaves it alone/);
  expect(readdirSync(directory).toSorted()).toEqual(["Documents", "logs"]);
});

test("has nothing to forget in an empty directory", () => {
  emptyData(directory);
  expect(readdirSync(directory)).toEqual([]);
});

test("closes a directory that others could read, and makes one that is not there", () => {
  chmodSync(directory, 0o755);
  openData(directory);
  openData(join(directory, "new"));
  expect(statSync(directory).mode & 0o777).toBe(0o700);
  expect(statSync(join(directory, "new")).mode & 0o777).toBe(0o700);
});

test("takes no file for its directory", () => {
  const file = join(directory, "file");
  writeFileSync(file, "");
  expect(() => openData(file)).toThrow(/is no directory.*--data/);
});

// Only root may give a directory away.
test.runIf(process.getuid?.() === 0)("takes no directory of somebody else", () => {
  chownSync(directory, 12_345, 12_345);
  expect(() => openData(directory)).toThrow(/belongs to another user/);
});
