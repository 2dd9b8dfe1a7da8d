import { spawn } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { exportJWK } from "jose";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { signArchive } from "../shared/stackkits/sign-archive.ts";

let directory: string;
let folder: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "kombify-kits-"));
});
afterAll(() => rm(directory, { recursive: true, force: true }));
beforeEach(async () => {
  folder = join(directory, "gitea");
  await rm(folder, { recursive: true, force: true });
  await cp("kits/gitea", folder, { recursive: true });
});

const kombify = async (args: readonly string[], environment: Record<string, string> = {}) => {
  const child = spawn(process.execPath, ["cli/main.mjs", "kits", ...args], {
    env: { PATH: process.env["PATH"], ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [out, notes] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "exit")]);
  return { out, notes, code: child.exitCode };
};

const edit = async (file: string, from: string | RegExp, to: string): Promise<void> => {
  const path = join(folder, file);
  await writeFile(path, (await readFile(path, "utf8")).replace(from, to));
};

describe("kombify kits", () => {
  test("lint names file, line, rule and reason; --fix repairs what it can and keeps comments", async () => {
    expect(await kombify(["lint", folder])).toMatchObject({ code: 0 });
    await edit("kit.yaml", "id: gitea", "# ours\nid: other");
    const broken = await kombify(["lint", folder, "--json"]);
    expect(broken.code).toBe(1);
    expect(JSON.parse(broken.out)).toContainEqual(
      expect.objectContaining({ rule: "kit/folder-differs", line: 2, repair: [expect.anything()] }),
    );
    expect(await kombify(["lint", folder, "--fix"])).toMatchObject({ code: 0 });
    expect(await readFile(join(folder, "kit.yaml"), "utf8")).toMatch(/^# ours\nid: gitea\n/);
  });

  test("new writes a kit that passes lint, and never over another", async () => {
    const fresh = join(directory, "my-kit");
    expect(await kombify(["new", fresh])).toMatchObject({ code: 0, out: `${fresh}\n` });
    expect(await kombify(["lint", fresh])).toMatchObject({ code: 0 });
    expect(await kombify(["new", fresh])).toMatchObject({
      code: 1,
      notes: expect.stringContaining("not empty") as string,
    });
    expect(await kombify(["new", join(directory, "Not A Kit")])).toMatchObject({ code: 2 });
  });

  test("pack gives the same bytes twice, and verify tells them from any other", async () => {
    const pack = async (out: string) => {
      const { out: line } = await kombify(["pack", folder, "--out", join(directory, out), "--json"]);
      return JSON.parse(line) as { file: string; sha256: string };
    };
    const [one, two] = [await pack("one"), await pack("two")];
    expect(two.sha256).toBe(one.sha256);
    const archive = await readFile(one.file);
    expect(await readFile(two.file)).toEqual(archive);
    const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const signed = { id: "gitea", version: "1.0.0", archive };
    await writeFile(join(directory, "jws"), await signArchive(signed, await exportJWK(privateKey), "k"));
    await writeFile(join(directory, "keys.json"), JSON.stringify({ keys: [await exportJWK(publicKey)] }));
    const how = ["--signature", join(directory, "jws"), "--keys", join(directory, "keys.json")];
    expect(await kombify(["verify", one.file, ...how])).toMatchObject({ code: 0 });
    archive[4] = (archive[4] ?? 0) ^ 1;
    await writeFile(one.file, archive);
    expect(await kombify(["verify", one.file, ...how])).toMatchObject({
      ...{ code: 1, out: "" },
      notes: expect.stringContaining("Do not use it.") as string,
    });
    await writeFile(one.file, "no archive");
    expect(await kombify(["verify", one.file, ...how])).toMatchObject({ code: 1 });
    expect(await kombify(["verify", two.file, "--keys", join(directory, "keys.json")])).toMatchObject({ code: 2 });
  });

  test("pin changes nothing and says why when no registry answers", async () => {
    await edit("kit.yaml", /image: gitea\/gitea:1.22.1/, "image: 127.0.0.1:9/gitea:1.22.1");
    await edit("docker-compose.yaml", /image: gitea\/gitea:1.22.1/, "image: 127.0.0.1:9/gitea:1.22.1");
    const before = await readFile(join(folder, "kit.yaml"), "utf8");
    const { code, notes } = await kombify(["pin", folder]);
    expect([code, notes]).toEqual([1, expect.stringContaining("127.0.0.1:9 cannot be reached")]);
    expect(await readFile(join(folder, "kit.yaml"), "utf8")).toBe(before);
  });

  test.each([
    [["lint"], 2, "Name the folder"],
    [["lint", "/there/is/none"], 1, "cannot be read"],
    [["pack", "kits/gitea"], 2, "--out"],
    [["pin"], 2, "Name the folder"],
    [["verify"], 2, "Name one archive"],
    [["verify", "/there/is/none"], 1, "cannot be read"],
    [["publish", "kits/gitea"], 1, "KOMBIFY_KITS_STORAGE"],
    [["yank", "gitea"], 2, "Name a kit and a version"],
    [["yank", "gitea", "1.0.0"], 1, "KOMBIFY_KITS_STORAGE"],
  ])("%j ends with %i: %s", async (args, code, words) => {
    const ended = await kombify(args);
    expect([ended.code, ended.notes]).toEqual([code, expect.stringContaining(words)]);
  });

  test("publish says that a key file is missing, and never shows one", async () => {
    const storage = "UseDevelopmentStorage=true";
    const without = await kombify(["publish", "kits/gitea"], { KOMBIFY_KITS_STORAGE: storage });
    expect([without.code, without.notes]).toEqual([1, expect.stringContaining("KOMBIFY_KITS_KEY_FILE")]);
    const unreadable = { KOMBIFY_KITS_STORAGE: storage, KOMBIFY_KITS_KEY_FILE: join(directory, "none.pem") };
    expect(await kombify(["publish", "kits/gitea"], unreadable)).toMatchObject({ code: 1 });
  });
});
