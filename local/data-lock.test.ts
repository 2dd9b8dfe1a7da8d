import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { emptyData } from "./data-lock.ts";

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
