import { homedir } from "node:os";
import { join } from "node:path";
import { installFromDebian } from "./debian-package.ts";
import { installFromGitHub } from "./github-release.ts";
import { installWithGo } from "./go-install.ts";
import { askVersion, findCached, type InstallContext, type Installed, makeInstall } from "./install.ts";
import { requireRecent } from "./pocketbase-version.ts";

export interface FindPocketBaseOptions {
  /** Read: POCKETBASE_BIN, POCKETBASE_SHA256, XDG_CACHE_HOME, and what the tools need (PATH, proxies). */
  readonly env?: NodeJS.ProcessEnv;
  /** Default `${XDG_CACHE_HOME:-~/.cache}/kombify/pocketbase`; holds `<version>/pocketbase`. */
  readonly cacheDirectory?: string;
  /** Gets one line for people per step that takes time or is left out. */
  readonly onProgress?: (line: string) => void;
}

export interface FoundPocketBase extends Installed {
  readonly source: "environment" | "cache" | "github" | "debian" | "go";
}

const waysToInstall: readonly (readonly [
  FoundPocketBase["source"],
  (context: InstallContext) => Promise<Installed>,
])[] = [
  ["github", installFromGitHub],
  ["debian", installFromDebian],
  ["go", installWithGo],
];

const defaultCacheDirectory = (env: NodeJS.ProcessEnv): string => {
  const base = env["XDG_CACHE_HOME"] ?? "";
  return join(base === "" ? join(homedir(), ".cache") : base, "kombify", "pocketbase");
};

const fromEnvironment = async (path: string): Promise<FoundPocketBase> => {
  const version = await askVersion(path).catch((error: unknown) => {
    throw new Error(`POCKETBASE_BIN names ${path}, which cannot be run`, { cause: error });
  });
  requireRecent(version, `POCKETBASE_BIN (${path})`);
  return { path, version, source: "environment" };
};

const install = async (context: InstallContext): Promise<FoundPocketBase> => {
  const failures: string[] = [];
  for (const [source, way] of waysToInstall) {
    try {
      const installed = await way(context);
      context.onProgress(`PocketBase ${installed.version} is ready at ${installed.path}`);
      return { ...installed, source };
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      context.onProgress(`PocketBase: not from ${source}: ${reason}`);
      failures.push(`- ${source}: ${reason}`);
    }
  }
  const advice = "Install PocketBase 0.40.0 or newer and set POCKETBASE_BIN to its executable.";
  throw new Error(`PocketBase cannot be had on this machine:\n${failures.join("\n")}\n${advice}`);
};

/**
 * Finds a PocketBase server program, or brings one into the cache: POCKETBASE_BIN, cache, GitHub release, Debian package,
 * `go install`, in this order. Nothing on the system changes outside the cache. Every step is bounded in time.
 * @throws Error saying why each way failed and what to do
 */
export const findPocketBase = async (options: FindPocketBaseOptions = {}): Promise<FoundPocketBase> => {
  const env = options.env ?? process.env;
  const named = env["POCKETBASE_BIN"] ?? "";
  if (named !== "") return fromEnvironment(named);
  const cacheDirectory = options.cacheDirectory ?? defaultCacheDirectory(env);
  const cached = await findCached(cacheDirectory);
  if (cached !== undefined) return { ...cached, source: "cache" };
  const onProgress = options.onProgress ?? ((): void => undefined);
  return install({ env, onProgress, install: makeInstall(cacheDirectory) });
};
