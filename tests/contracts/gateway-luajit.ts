import { execFile } from "node:child_process";
import { access, mkdir, mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const debianPackages = ["luajit", "libluajit-5.1-2", "libluajit-5.1-common"];
const downloadTimeoutMilliseconds = 30_000;
const runTimeoutMilliseconds = 20_000;

interface LuaRun {
  readonly exitCode: number;
  readonly output: string;
}

export interface LuaJit {
  readonly run: (args: readonly string[], luaPath?: string) => Promise<LuaRun>;
}

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/** Unpacks Debian's own packages into a private folder; nothing on the system changes. */
const unpackDebianPackages = async (root: string): Promise<void> => {
  await mkdir(dirname(root), { recursive: true });
  const staging = await mkdtemp(`${root}-`);
  try {
    await run("apt-get", ["download", ...debianPackages], { cwd: staging, timeout: downloadTimeoutMilliseconds });
    for (const file of (await readdir(staging)).filter((name) => name.endsWith(".deb"))) {
      await run("dpkg", ["-x", file, "root"], { cwd: staging, timeout: runTimeoutMilliseconds });
    }
    // Another test process may have been faster; its copy is as good.
    if (!(await isThere(root))) await rename(join(staging, "root"), root);
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
};

const luaJitWith =
  (binary: string, environment: Readonly<Record<string, string>>, ownLuaPath: string): LuaJit["run"] =>
  async (args, luaPath = "") => {
    const env = { ...process.env, ...environment, LUA_PATH: `${luaPath};${ownLuaPath};` };
    try {
      const { stdout, stderr } = await run(binary, [...args], { env, timeout: runTimeoutMilliseconds });
      return { exitCode: 0, output: stdout + stderr };
    } catch (error) {
      if (!(error instanceof Error) || !("code" in error) || typeof error.code !== "number") throw error;
      const output = "stdout" in error && "stderr" in error ? `${String(error.stdout)}${String(error.stderr)}` : "";
      return { exitCode: error.code, output };
    }
  };

const installedLuaJit = async (): Promise<LuaJit | undefined> => {
  try {
    await run("luajit", ["-v"], { timeout: runTimeoutMilliseconds });
    return { run: luaJitWith("luajit", {}, ";") };
  } catch {
    return undefined;
  }
};

const folderNamed = async (parent: string, part: string): Promise<string> => {
  const name = (await readdir(parent)).find((each) => each.includes(part));
  if (name === undefined) throw new Error(`the unpacked packages have no folder ${part} in ${parent}`);
  return join(parent, name);
};

const privateLuaJit = async (): Promise<LuaJit> => {
  const root = join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "kombify", "luajit");
  if (!(await isThere(root))) await unpackDebianPackages(root);
  const environment = { LD_LIBRARY_PATH: await folderNamed(join(root, "usr/lib"), "linux") };
  const modules = join(await folderNamed(join(root, "usr/share"), "luajit-"), "?.lua");
  const luaJit = { run: luaJitWith(join(root, "usr/bin/luajit"), environment, modules) };
  await luaJit.run(["-v"]);
  return luaJit;
};

/** A real LuaJIT: the one on PATH, else Debian's unpacked into the user's cache; else the reason there is none. */
export const findLuaJit = async (): Promise<LuaJit | { readonly missing: string }> => {
  const installed = await installedLuaJit();
  if (installed !== undefined) return installed;
  try {
    return await privateLuaJit();
  } catch (error) {
    return { missing: error instanceof Error ? error.message : String(error) };
  }
};
