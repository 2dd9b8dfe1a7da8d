import { execFile, spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync, renameSync, statSync, truncateSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { isPocketBaseAlive } from "./pocketbase-table.ts";
import { waitUntil } from "./wait-until.ts";

/** How one PocketBase runs. All paths are absolute. */
export interface PocketBaseSettings {
  readonly executable: string;
  /** Its `pb_data`; one process at a time. */
  readonly dataDirectory: string;
  /** On 127.0.0.1. */
  readonly port: number;
  readonly logPath: string;
  readonly hooksDirectory?: string | undefined;
  readonly migrationsDirectory?: string | undefined;
  readonly publicDirectory?: string | undefined;
  /** The whole environment; nothing is inherited, because the parent's may hold secrets of others. */
  readonly env: Readonly<Record<string, string>>;
  /** Name of the variable in `env` that holds the 32-character key of the settings' encryption. */
  readonly encryptionEnv?: string | undefined;
  /** True: it lives on when this process is killed, and a signal to the terminal's process group does not reach it. */
  readonly outlivesParent?: boolean;
}

export interface PocketBaseServer {
  readonly pid: number;
  readonly url: string;
}

export interface Superuser {
  readonly email: string;
  readonly password: string;
}

const maximumLogBytes = 5 * 1024 * 1024;
const startTimeoutMilliseconds = 20_000;
const upsertTimeoutMilliseconds = 30_000;
const stopTimeoutMilliseconds = 5000;

const sibling = (settings: PocketBaseSettings, name: string): string => join(dirname(settings.dataDirectory), name);

const commonFlags = (settings: PocketBaseSettings, hooksDirectory: string): readonly string[] => [
  `--dir=${settings.dataDirectory}`,
  `--hooksDir=${hooksDirectory}`,
  `--migrationsDir=${settings.migrationsDirectory ?? sibling(settings, "pb_migrations")}`,
  "--automigrate=false",
  "--hooksWatch=false",
  // PocketBase takes an executable below the cache or temp directory for `go run` and would print every SQL statement.
  "--dev=false",
  ...(settings.encryptionEnv === undefined ? [] : [`--encryptionEnv=${settings.encryptionEnv}`]),
];

/** What a PocketBase needs of the parent's environment, plus `extra`. */
export const pocketBaseEnvironment = (
  extra: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> => {
  const inherited = ["PATH", "HOME", "TMPDIR", "TZ", "LANG"].flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return { ...Object.fromEntries(inherited), ...extra };
};

/**
 * Creates the superuser or resets the password, before the server runs. The password is in the process list while the
 * command runs (PocketBase knows no other way), and nowhere else. @throws Error without the password
 */
export const upsertSuperuser = async (settings: PocketBaseSettings, superuser: Superuser): Promise<void> => {
  mkdirSync(settings.dataDirectory, { recursive: true });
  const flags = commonFlags(settings, sibling(settings, "no_hooks"));
  const args = ["superuser", "upsert", ...flags, "--", superuser.email, superuser.password];
  try {
    await promisify(execFile)(settings.executable, args, {
      env: { ...settings.env },
      timeout: upsertTimeoutMilliseconds,
      killSignal: "SIGKILL",
    });
  } catch (error) {
    const output = error instanceof Error && "stderr" in error ? String(error.stderr) : "";
    const reason = output.replaceAll(superuser.password, "***").trim().slice(-500);
    // eslint-disable-next-line preserve-caught-error -- the cause's command line holds the password
    throw new Error(`PocketBase could not save the superuser ${superuser.email}: ${reason}`);
  }
};

const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0;

/** Empties a log that has grown too large; the process appends, so it goes on at the new end. Call it now and then. */
export const capLog = (logPath: string): void => {
  if (sizeOf(logPath) > maximumLogBytes) truncateSync(logPath, 0);
};

const logTail = (logPath: string): string => (sizeOf(logPath) === 0 ? "" : readFileSync(logPath, "utf8").slice(-1000));

const launch = async (settings: PocketBaseSettings): Promise<number> => {
  if (sizeOf(settings.logPath) > maximumLogBytes) renameSync(settings.logPath, `${settings.logPath}.1`);
  const log = openSync(settings.logPath, "a", 0o600);
  try {
    const child = spawn(
      settings.executable,
      [
        "serve",
        `--http=127.0.0.1:${settings.port}`,
        ...commonFlags(settings, settings.hooksDirectory ?? sibling(settings, "pb_hooks")),
        `--publicDir=${settings.publicDirectory ?? sibling(settings, "pb_public")}`,
      ],
      // A file, not a pipe: a pipe breaks when this process is killed, and with it the server's next log line.
      { stdio: ["ignore", log, log], env: { ...settings.env }, detached: settings.outlivesParent === true },
    );
    await new Promise<void>((resolve, reject) => {
      child.once("spawn", resolve);
      child.once("error", reject);
    });
    if (settings.outlivesParent === true) child.unref();
    if (child.pid === undefined) throw new Error("PocketBase was started without a pid");
    return child.pid;
  } finally {
    closeSync(log);
  }
};

/** Whether a PocketBase answers `GET /api/health` on this base URL within a second. */
export const isPocketBaseHealthy = async (url: string): Promise<boolean> => {
  try {
    const response = await fetch(`${url}/api/health`, { signal: AbortSignal.timeout(1000) });
    await response.body?.cancel();
    return response.status === 200;
  } catch {
    // Refused, reset or late: all mean "not now" to the caller, who asks again.
    return false;
  }
};

/** Starts `serve` and waits until it is healthy. @throws Error with the end of its log when it ends or is late */
export const startPocketBase = async (settings: PocketBaseSettings): Promise<PocketBaseServer> => {
  mkdirSync(settings.dataDirectory, { recursive: true });
  mkdirSync(dirname(settings.logPath), { recursive: true });
  const pid = await launch(settings);
  const url = `http://127.0.0.1:${settings.port}`;
  const isAlive = (): boolean => isPocketBaseAlive(pid, settings.dataDirectory);
  await waitUntil(async () => !isAlive() || (await isPocketBaseHealthy(url)), startTimeoutMilliseconds);
  // The order matters: a stranger on our port is healthy too, but then our own process has ended.
  if ((await isPocketBaseHealthy(url)) && isAlive()) return { pid, url };
  await stopPocketBase(pid, settings.dataDirectory);
  throw new Error(`PocketBase did not become healthy on ${url}: ${logTail(settings.logPath)}`);
};

const signal = (pid: number, name: NodeJS.Signals): void => {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
};

/** Ends the PocketBase of this data directory: SIGTERM, after 5 s SIGKILL. One that is gone already is fine. */
export const stopPocketBase = async (pid: number, dataDirectory: string): Promise<void> => {
  const isGone = (): boolean => !isPocketBaseAlive(pid, dataDirectory);
  for (const name of ["SIGTERM", "SIGKILL"] as const) {
    if (isGone()) return;
    signal(pid, name);
    if (await waitUntil(isGone, stopTimeoutMilliseconds, 10)) return;
  }
  throw new Error(`PocketBase ${pid} could not be stopped`);
};
