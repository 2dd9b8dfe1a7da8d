import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
};

/** Whether the process that left this lock still is a start of the platform (a process id is used again later). */
const isPlatform = (pid: number): boolean => {
  try {
    return isAlive(pid) && readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("local/up.ts");
  } catch {
    // Systems without /proc: an id in use is taken for the platform.
    return isAlive(pid);
  }
};

const lockName = "up.pid";

/** What a start makes in its data directory; whatever else is there is not ours. */
const ownNames: readonly string[] = [
  "azurite",
  "docker",
  "documents.sqlite",
  "documents.sqlite-shm",
  "documents.sqlite-wal",
  "functions-host",
  "identity-provider",
  "keys.json",
  "logs",
  "ports.json",
  "resource-manager",
  "secrets",
  "sim-host",
  "stripe",
];

const ownerOnly = 0o700;

/**
 * Makes the data directory, or takes one that is there, and closes it to everybody else: it holds keys and databases.
 * @throws Error for a path that is no directory, or a directory that belongs to another user
 */
export const openData = (dataDirectory: string): void => {
  const found = statSync(dataDirectory, { throwIfNoEntry: false });
  if (found?.isDirectory() === false) throw new Error(`${dataDirectory} is no directory. Give one with --data.`);
  if (found !== undefined && found.uid !== process.getuid?.()) {
    throw new Error(`${dataDirectory} belongs to another user. Give a directory of your own with --data.`);
  }
  mkdirSync(dataDirectory, { recursive: true, mode: ownerOnly });
  chmodSync(dataDirectory, ownerOnly);
};

/**
 * Forgets what earlier starts have made in a locked data directory, and nothing else.
 * @throws Error for a directory that holds things but never was the platform's
 */
export const emptyData = (dataDirectory: string): void => {
  const names = readdirSync(dataDirectory).filter((name) => name !== lockName);
  if (names.length > 0 && !names.includes("keys.json")) {
    throw new Error(`${dataDirectory} holds no data of the platform, so --reset leaves it alone.`);
  }
  for (const name of names.filter((each) => ownNames.includes(each))) {
    rmSync(join(dataDirectory, name), { recursive: true, force: true });
  }
};

/** Keeps a second start off the same data. @throws Error naming the process that uses it; returns how to let go */
export const lockData = (dataDirectory: string): (() => void) => {
  const file = join(dataDirectory, lockName);
  for (let attempt = 1; ; attempt += 1) {
    try {
      writeFileSync(file, String(process.pid), { flag: "wx" });
      return () => rmSync(file, { force: true });
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EEXIST") || attempt > 3) throw error;
      const pid = Number(readFileSync(file, "utf8"));
      if (isPlatform(pid)) {
        throw new Error(
          `The platform is already running on this data (process ${pid}). Stop it, or give another directory with --data.`,
          { cause: error },
        );
      }
      rmSync(file, { force: true });
    }
  }
};
