import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type AptSource, debianMirrors, parseDeb822Sources, parseOneLineSources } from "./apt-sources.ts";
import type { InstallContext, Installed } from "./install.ts";
import { requireRecent } from "./pocketbase-version.ts";
import { runCommand } from "../process/run-command.ts";

const updateTimeoutMilliseconds = 60_000;
const downloadTimeoutMilliseconds = 120_000;
const unpackTimeoutMilliseconds = 30_000;

const readIfThere = async (path: string): Promise<string> => {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return "";
    throw error;
  }
};

const machineSources = async (aptDirectory: string): Promise<readonly AptSource[]> => {
  const partsDirectory = join(aptDirectory, "sources.list.d");
  const names = await readdir(partsDirectory).catch((error: unknown) => {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  });
  const sources = [...parseOneLineSources(await readIfThere(join(aptDirectory, "sources.list")))];
  for (const name of names.sort()) {
    const text =
      name.endsWith(".list") || name.endsWith(".sources") ? await readIfThere(join(partsDirectory, name)) : "";
    sources.push(...(name.endsWith(".list") ? parseOneLineSources(text) : parseDeb822Sources(text)));
  }
  return sources;
};

const releaseCodename = async (): Promise<string | undefined> =>
  /^VERSION_CODENAME="?([a-z]+)"?$/m.exec(await readIfThere("/etc/os-release"))?.[1];

/**
 * Everything apt writes goes to `root`; the machine's proxies, credentials and keyrings still hold. Its hooks are cleared:
 * some (for example in container images) delete files of the system's own package cache after each update.
 */
const privateConfiguration = (root: string): string =>
  [
    "#clear APT::Update::Pre-Invoke;",
    "#clear APT::Update::Post-Invoke;",
    "#clear APT::Update::Post-Invoke-Success;",
    "#clear APT::Default-Release;",
    `Dir::State "${root}/state";`,
    `Dir::State::lists "${root}/state/lists";`,
    `Dir::State::status "${root}/state/status";`,
    `Dir::Cache "${root}/cache";`,
    `Dir::Etc::sourcelist "${root}/sources.list";`,
    `Dir::Etc::sourceparts "${root}/none";`,
    `Dir::Etc::preferences "${root}/none";`,
    `Dir::Etc::preferencesparts "${root}/none";`,
    'Acquire::Languages "none";',
    'Acquire::Retries "1";',
    'Acquire::http::Timeout "10";',
    'Acquire::https::Timeout "10";',
    "",
  ].join("\n");

const preparePrivateApt = async (root: string, mirror: AptSource): Promise<string> => {
  for (const directory of ["state/lists/partial", "cache/archives/partial", "download", "unpacked"])
    await mkdir(join(root, directory), { recursive: true });
  // apt fetches as its own unprivileged user, which must be able to reach the directory.
  await chmod(root, 0o755);
  const options = mirror.signedBy === undefined ? "" : `[signed-by=${mirror.signedBy}] `;
  await writeFile(join(root, "sources.list"), `deb ${options}${mirror.uri} unstable main\n`);
  await writeFile(join(root, "state/status"), "");
  const configuration = join(root, "apt.conf");
  await writeFile(configuration, privateConfiguration(root));
  return configuration;
};

const installFromMirror = async (context: InstallContext, mirror: AptSource, root: string): Promise<Installed> => {
  const configuration = await preparePrivateApt(root, mirror);
  const env = { ...context.env, LC_ALL: "C", DEBIAN_FRONTEND: "noninteractive" };
  const download = join(root, "download");
  const apt = (args: readonly string[], timeoutMilliseconds: number): Promise<string> =>
    runCommand("apt-get", ["-c", configuration, "-q", ...args], { env, timeoutMilliseconds, cwd: download });
  await apt(["-o", "APT::Update::Error-Mode=any", "update"], updateTimeoutMilliseconds);
  await apt(["download", "pocketbase"], downloadTimeoutMilliseconds);
  const archive = (await readdir(download)).find((name) => name.endsWith(".deb"));
  if (archive === undefined) throw new Error("apt-get download left no package");
  const unpack = { env, timeoutMilliseconds: unpackTimeoutMilliseconds, cwd: download };
  const field = (await runCommand("dpkg-deb", ["-f", archive, "Version"], unpack)).trim();
  const version = /^(?:\d+:)?(\d+\.\d+\.\d+)/.exec(field)?.[1];
  if (version === undefined) throw new Error(`the package's version is not understood: ${field}`);
  requireRecent(version, "Debian unstable's package");
  await runCommand("dpkg", ["-x", archive, join(root, "unpacked")], unpack);
  return context.install(join(root, "unpacked/usr/bin/base"), version);
};

/** Takes PocketBase from Debian unstable through the machine's own mirror, without touching the system's apt or dpkg. */
export const installFromDebian = async (context: InstallContext): Promise<Installed> => {
  const mirrors = debianMirrors(await machineSources("/etc/apt"), await releaseCodename());
  const failures: unknown[] = [];
  for (const mirror of mirrors.slice(0, 2)) {
    const root = await mkdtemp(join(tmpdir(), "pocketbase-apt-"));
    context.onProgress(`PocketBase: taking Debian's package from ${new URL(mirror.uri).host}`);
    try {
      return await installFromMirror(context, mirror, root);
    } catch (error) {
      failures.push(error);
    } finally {
      await rm(root, { recursive: true, force: true });
    }
  }
  const reasons = failures.map((failure) => (failure instanceof Error ? failure.message : String(failure)));
  throw new Error(reasons.length === 0 ? "no Debian mirror is configured on this machine" : reasons.join("; "));
};
