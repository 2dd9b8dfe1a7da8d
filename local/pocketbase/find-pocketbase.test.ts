import { createHash } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deflateRawSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findPocketBase } from "./find-pocketbase.ts";
import { installFromGitHub } from "./github-release.ts";
import { makeInstall } from "./install.ts";

let root = "";
let cacheDirectory = "";
let server: Server | undefined;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "find-pocketbase-"));
  cacheDirectory = join(root, "cache");
});

afterEach(() => {
  server?.close();
  server = undefined;
  rmSync(root, { recursive: true, force: true });
});

const script = (version: string): string => `#!/bin/sh\necho "pocketbase version ${version}"\n`;

const writeProgram = (path: string, text: string): string => {
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, text);
  chmodSync(path, 0o755);
  return path;
};

/** One deflated file, laid out as APPNOTE.TXT 4.3 says, with the sizes only in the central directory as Go writes it. */
const zipOf = (name: string, content: string): Buffer => {
  const data = deflateRawSync(content);
  const local = Buffer.alloc(30);
  local.writeUInt32LE(0x04034b50, 0);
  local.writeUInt16LE(8, 8);
  local.writeUInt16LE(name.length, 26);
  const central = Buffer.alloc(46);
  central.writeUInt32LE(0x02014b50, 0);
  central.writeUInt16LE(8, 10);
  central.writeUInt32LE(data.length, 20);
  central.writeUInt32LE(content.length, 24);
  central.writeUInt16LE(name.length, 28);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(30 + name.length + data.length, 16);
  return Buffer.concat([local, Buffer.from(name), data, central, Buffer.from(name), end]);
};

const serve = async (body: Buffer): Promise<string> => {
  const started = createServer((_request, response) => response.end(body));
  server = started;
  await new Promise<void>((resolve) => started.listen(0, "127.0.0.1", resolve));
  const address = started.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return `http://127.0.0.1:${address.port}`;
};

const contextWith = (digest: string): Parameters<typeof installFromGitHub>[0] => ({
  env: { POCKETBASE_SHA256: digest },
  onProgress: () => undefined,
  install: makeInstall(cacheDirectory),
});

describe("findPocketBase", () => {
  it("prefers POCKETBASE_BIN", async () => {
    const path = writeProgram(join(root, "mine"), script("0.40.9"));
    writeProgram(join(cacheDirectory, "0.40.4/pocketbase"), script("0.40.4"));
    expect(await findPocketBase({ env: { POCKETBASE_BIN: path }, cacheDirectory })).toEqual({
      path,
      version: "0.40.9",
      source: "environment",
    });
  });

  it("refuses a POCKETBASE_BIN that is too old or does not run, instead of looking further", async () => {
    const old = writeProgram(join(root, "old"), script("0.39.4"));
    await expect(findPocketBase({ env: { POCKETBASE_BIN: old }, cacheDirectory })).rejects.toThrow(
      /0\.39\.4.*0\.40\.0/,
    );
    const missing = join(root, "missing");
    await expect(findPocketBase({ env: { POCKETBASE_BIN: missing }, cacheDirectory })).rejects.toThrow("cannot be run");
  });

  it("takes the pinned version from the cache, else the newest that runs and is recent enough", async () => {
    writeProgram(join(cacheDirectory, "0.40.4/pocketbase"), script("0.40.4"));
    writeProgram(join(cacheDirectory, "0.41.2/pocketbase"), script("0.41.2"));
    writeProgram(join(cacheDirectory, "0.41.10/pocketbase"), script("0.41.10"));
    writeProgram(join(cacheDirectory, "0.42.0/pocketbase"), "#!/bin/sh\nexit 3\n");
    writeProgram(join(cacheDirectory, "0.39.4/pocketbase"), script("0.39.4"));
    expect((await findPocketBase({ env: {}, cacheDirectory })).version).toBe("0.40.4");
    rmSync(join(cacheDirectory, "0.40.4"), { recursive: true });
    const found = await findPocketBase({ env: {}, cacheDirectory });
    expect(found).toMatchObject({ version: "0.41.10", source: "cache" });
  });

  it("says why each way failed and what to do, when there is no way", async () => {
    const lines: string[] = [];
    // An empty PATH: no apt, no go.
    const search = findPocketBase({ env: { PATH: root }, cacheDirectory, onProgress: (line) => lines.push(line) });
    await expect(search).rejects.toThrow(/github: .*POCKETBASE_SHA256[^]*debian: [^]*go: [^]*set POCKETBASE_BIN/);
    expect(lines.filter((line) => line.startsWith("PocketBase: not from"))).toHaveLength(3);
  });
});

describe("the GitHub release", () => {
  it("is unpacked into the cache when its digest is the trusted one, also by several at once", async () => {
    const zip = zipOf("pocketbase", script("0.40.4"));
    const url = await serve(zip);
    const digest = createHash("sha256").update(zip).digest("hex");
    const installs = await Promise.all(
      Array.from({ length: 5 }, async () => installFromGitHub(contextWith(digest), url)),
    );
    expect(new Set(installs.map(({ path }) => path))).toEqual(new Set([join(cacheDirectory, "0.40.4/pocketbase")]));
    expect(readFileSync(join(cacheDirectory, "0.40.4/pocketbase"), "utf8")).toBe(script("0.40.4"));
    expect(readdirSync(join(cacheDirectory, "0.40.4"))).toEqual(["pocketbase"]);
  });

  it("is refused when its digest is another", async () => {
    const url = await serve(zipOf("pocketbase", script("0.40.4")));
    await expect(installFromGitHub(contextWith("0".repeat(64)), url)).rejects.toThrow("not POCKETBASE_SHA256");
    expect(existsSync(cacheDirectory)).toBe(false);
  });

  it("leaves nothing in the cache when the program does not run", async () => {
    const zip = zipOf("pocketbase", "#!/bin/sh\nexit 1\n");
    const url = await serve(zip);
    const digest = createHash("sha256").update(zip).digest("hex");
    await expect(installFromGitHub(contextWith(digest), url)).rejects.toThrow();
    expect(readdirSync(join(cacheDirectory, "0.40.4"))).toEqual([]);
  });
});
