import { link, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { lintKit } from "./lint-kit.ts";
import { readKitFolder } from "./read-folder.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "kombify-kit-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));
const rules = async () => (await readKitFolder(folder)).findings.map(({ rule }) => rule);

test("a link to a file or a folder is refused, and nothing behind it is read", async () => {
  await symlink("/etc/passwd", join(folder, "kit.yaml"));
  const read = await readKitFolder(folder);
  expect([read.findings.map(({ rule }) => rule), read.files.size]).toEqual([["kit/path"], 0]);
  await rm(join(folder, "kit.yaml"));
  await symlink("/etc", join(folder, "files"));
  expect(await rules()).toEqual(["kit/path"]);
});

test("a hard link is a file like any other", async () => {
  await writeFile(join(folder, "a"), "x");
  await link(join(folder, "a"), join(folder, "b"));
  expect((await readKitFolder(folder)).files.size).toBe(2);
});

test("names that differ in capitals, archives, spaces and too many files are refused", async () => {
  await writeFile(join(folder, "README.md"), "");
  await writeFile(join(folder, "Readme.md"), "");
  expect(await rules()).toEqual(["kit/path"]);
  await rm(join(folder, "Readme.md"));
  await writeFile(join(folder, "inner.zip"), "");
  expect(await rules()).toEqual(["kit/path"]);
  await rm(join(folder, "inner.zip"));
  await mkdir(join(folder, "files"));
  await Promise.all(Array.from({ length: 300 }, (_, index) => writeFile(join(folder, "files", `f${index}`), "")));
  expect(await rules()).toEqual(["kit/too-large"]);
});

test("a file that is too large is not read to its end", async () => {
  await writeFile(join(folder, "files.bin"), Buffer.alloc(5_000_000));
  expect(await rules()).toEqual(["kit/too-large"]);
});

test.each([
  ["UTF-16", Buffer.from("\ufeffid: x\n", "utf16le")],
  ["Latin-1", Buffer.from("id: gr\xfc\xdfe\n", "latin1")],
])("kit.yaml in %s is refused as a finding", async (_, bytes) => {
  await writeFile(join(folder, "kit.yaml"), bytes);
  const { files } = await readKitFolder(folder);
  expect(lintKit(files).findings.map(({ rule }) => rule)).toContain("kit/encoding");
});
