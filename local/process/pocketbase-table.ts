import { readdirSync, readFileSync } from "node:fs";

/** A PocketBase program that has a data directory open, as Linux's process table shows it. */
export interface PocketBaseProgram {
  readonly pid: number;
  /** Undefined for a command that ends by itself (`superuser upsert`). */
  readonly port: number | undefined;
}

const goneCodes = new Set(["ENOENT", "ESRCH", "EACCES", "EPERM"]);

/** Empty for processes that are gone or are zombies. */
const commandLine = (pid: number): readonly string[] => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
  } catch (error) {
    if (error instanceof Error && "code" in error && goneCodes.has(String(error.code))) return [];
    throw error;
  }
};

const readProgram = (pid: number, dataDirectory: string): PocketBaseProgram | undefined => {
  const words = commandLine(pid);
  if (!words.includes(`--dir=${dataDirectory}`)) return undefined;
  const address = words.find((word) => word.startsWith("--http=127.0.0.1:"));
  return { pid, port: address === undefined ? undefined : Number(address.split(":")[1]) };
};

/** Whether this pid is (still) the PocketBase of this data directory: pids are reused, command lines with our directory are not. */
export const isPocketBaseAlive = (pid: number, dataDirectory: string): boolean =>
  readProgram(pid, dataDirectory) !== undefined;

/**
 * Every PocketBase on this data directory (absolute path), whoever started it. A process appears here as soon as `spawn`
 * has returned, so nothing needs to be remembered to find it again after a crash.
 */
export const listPocketBases = (dataDirectory: string): readonly PocketBaseProgram[] =>
  readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => readProgram(Number(name), dataDirectory) ?? []);
