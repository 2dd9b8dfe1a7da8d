import { mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { makePrivateDirectory } from "./private-directory.ts";

let root = "";
beforeEach(() => (root = mkdtempSync(join(tmpdir(), "private-directory-"))));
afterEach(() => rmSync(root, { recursive: true, force: true }));

const modeOf = (path: string): number => statSync(path).mode & 0o777;

describe("a private directory", () => {
  it("is made, or closed where it was open", async () => {
    await makePrivateDirectory(join(root, "a/b"));
    expect(modeOf(join(root, "a/b"))).toBe(0o700);
    mkdirSync(join(root, "open"));
    await makePrivateDirectory(join(root, "open"));
    expect(modeOf(join(root, "open"))).toBe(0o700);
  });

  it("is not what somebody put there to be followed, and no file", async () => {
    mkdirSync(join(root, "elsewhere"));
    symlinkSync(join(root, "elsewhere"), join(root, "link"));
    await expect(makePrivateDirectory(join(root, "link"))).rejects.toThrow("is no directory of this user");
    expect(modeOf(join(root, "elsewhere"))).not.toBe(0o700);
    writeFileSync(join(root, "file"), "");
    await expect(makePrivateDirectory(join(root, "file"))).rejects.toThrow();
  });
});
