import { randomUUID } from "node:crypto";
import { chmod, copyFile, mkdir, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { compareVersions, isRecentEnough, isVersion, pinnedVersion } from "./pocketbase-version.ts";
import { runCommand } from "../process/run-command.ts";

export interface Installed {
  /** Absolute path of the executable. */
  readonly path: string;
  /** For example `0.40.4`, or what the program itself says when it does not know. */
  readonly version: string;
}

/** What a way of getting PocketBase works with. */
export interface InstallContext {
  readonly env: NodeJS.ProcessEnv;
  /** One line for people, without a line end. */
  readonly onProgress: (line: string) => void;
  /** Tries the executable and puts it into the cache under this version. */
  readonly install: (executable: string, version: string) => Promise<Installed>;
}

/** What `<executable> --version` says. @throws Error when the file cannot be run here */
export const askVersion = async (executable: string): Promise<string> => {
  const answer = await runCommand(executable, ["--version"], { timeoutMilliseconds: 15_000 });
  return (answer.trim().split(/\s+/).at(-1) ?? "").replace(/^v/, "");
};

const cachePath = (cacheDirectory: string, version: string): string => join(cacheDirectory, version, "pocketbase");

/** Makes the `install` of a context: copies beside the goal, tries the copy, and renames it, so that nobody sees half a file. */
export const makeInstall =
  (cacheDirectory: string) =>
  async (executable: string, version: string): Promise<Installed> => {
    const path = cachePath(cacheDirectory, version);
    await mkdir(join(cacheDirectory, version), { recursive: true });
    const draft = `${path}.${randomUUID()}`;
    try {
      await copyFile(executable, draft);
      await chmod(draft, 0o755);
      await askVersion(draft);
      await rename(draft, path);
    } finally {
      await rm(draft, { force: true });
    }
    return { path, version };
  };

/** The pinned version if it is cached and runs, else the newest cached one that is recent enough and runs. */
export const findCached = async (cacheDirectory: string): Promise<Installed | undefined> => {
  const names = await readdir(cacheDirectory).catch((error: unknown) => {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  });
  const versions = names.filter((name) => isVersion(name) && isRecentEnough(name)).sort(compareVersions);
  for (const version of [pinnedVersion, ...versions.reverse()]) {
    if (!versions.includes(version)) continue;
    const path = cachePath(cacheDirectory, version);
    const runs = await askVersion(path).then(
      () => true,
      () => false,
    );
    if (runs) return { path, version };
  }
  return undefined;
};
