import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { fileSecretStore } from "../../shared/adapters/files/secret-store.ts";
import { inParallel } from "./fixtures/children.ts";
import { temporaryDirectory } from "./fixtures/targets.ts";

describe("secrets in files", () => {
  let root: string;
  let directory: string;
  beforeEach(async () => {
    root = await temporaryDirectory();
    directory = join(root, "deep", "secrets");
  });
  afterEach(() => rm(root, { recursive: true }));

  it("keeps the first value and gives it to everybody", async () => {
    const secrets = fileSecretStore(directory);
    expect(await secrets.read("stack-superuser-a")).toBeUndefined();
    expect(await secrets.createIfAbsent("stack-superuser-a", "first ü\n")).toBe("first ü\n");
    expect(await secrets.createIfAbsent("stack-superuser-a", "second")).toBe("first ü\n");
    expect(await fileSecretStore(directory).read("stack-superuser-a")).toBe("first ü\n");
    expect(await secrets.read("stack-superuser-b")).toBeUndefined();
  });

  it("lets nobody else on the machine read them, and leaves nothing but them", async () => {
    await fileSecretStore(directory).createIfAbsent("one", "value");
    expect((await stat(directory)).mode & 0o777).toBe(0o700);
    expect((await stat(join(directory, "one"))).mode & 0o777).toBe(0o600);
    expect(await readdir(directory)).toStrictEqual(["one"]);
  });

  it.each(["", "a/b", "..", "A", "a.b", "a_b", "a\n", "ü", "x".repeat(128)])("refuses the name %j", async (name) => {
    const secrets = fileSecretStore(directory);
    await expect(secrets.read(name)).rejects.toBeInstanceOf(RangeError);
    await expect(secrets.createIfAbsent(name, "hidden")).rejects.toThrow(/^(?!.*hidden)/);
  });

  it("says so when the secret cannot be read or stored, without its value", async () => {
    const secrets = fileSecretStore(join(root, "file"));
    await fileSecretStore(root).createIfAbsent("file", "no directory");
    await expect(secrets.createIfAbsent("one", "hidden")).rejects.toThrow(/^(?!.*hidden).*file/);
    await expect(secrets.read("one")).rejects.toThrow("ENOTDIR");
  });

  it("makes racing processes agree on one value", async () => {
    const names = Array.from({ length: 30 }, (_, index) => `secret-${index}`);
    const jobs = ["p0", "p1", "p2", "p3"].map((value) => ({ directory, names, value }));
    const told = await inParallel("make-secret.ts", jobs);
    const secrets = fileSecretStore(directory);
    const stored = await Promise.all(names.map((name) => secrets.read(name)));
    expect(told).toStrictEqual(jobs.map(() => stored));
    for (const [index, name] of names.entries()) expect(stored[index]).toMatch(new RegExp(`^p[0-3] of ${name}$`));
    expect((await readdir(directory)).sort()).toStrictEqual(names.toSorted());
  });
});
