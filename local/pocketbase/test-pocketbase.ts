import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../process/free-port.ts";
import {
  pocketBaseEnvironment,
  type PocketBaseSettings,
  startPocketBase,
  stopPocketBase,
  upsertSuperuser,
} from "../process/pocketbase-process.ts";
import { waitUntil } from "../process/wait-until.ts";
import { isPocketBaseAlive } from "../process/pocketbase-table.ts";
import { findPocketBase } from "./find-pocketbase.ts";

export interface TestPocketBaseOptions {
  readonly hooksDirectory?: string;
  readonly publicDirectory?: string;
  /** Added to a minimal environment. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface TestPocketBase {
  readonly url: string;
  readonly email: string;
  readonly password: string;
  /** Its `pb_data`. */
  readonly dataDirectory: string;
  /** Where stdout and stderr of the server go. */
  readonly logPath: string;
  /** Stops the server and removes its directory. */
  readonly stop: () => Promise<void>;
  /** SIGKILL, as a crash does; the data stay. */
  readonly kill: () => Promise<void>;
  /** Stops it if it runs, and starts it again on the same port and data. */
  readonly restart: () => Promise<void>;
}

/** Starts a real PocketBase with an empty data directory and a superuser, for one test file. */
export const startTestPocketBase = async (options: TestPocketBaseOptions = {}): Promise<TestPocketBase> => {
  const { path } = await findPocketBase({ onProgress: (line) => console.error(line) });
  const root = await mkdtemp(join(tmpdir(), "test-pocketbase-"));
  const port = await freePort();
  const superuser = { email: "root@stack.test", password: randomBytes(18).toString("base64url") };
  const settings: PocketBaseSettings = {
    executable: path,
    dataDirectory: join(root, "pb_data"),
    port,
    logPath: join(root, "pocketbase.log"),
    hooksDirectory: options.hooksDirectory,
    publicDirectory: options.publicDirectory,
    env: pocketBaseEnvironment(options.env),
  };
  const remove = (): Promise<void> => rm(root, { recursive: true, force: true });
  let pid = 0;
  const start = async (): Promise<void> => {
    pid = (await startPocketBase(settings)).pid;
  };
  const stopServer = (): Promise<void> => stopPocketBase(pid, settings.dataDirectory);
  try {
    await upsertSuperuser(settings, superuser);
    await start();
  } catch (error) {
    await remove();
    throw error;
  }
  // A test run that is cut short must not leave the server behind.
  const endWithTests = (): void => {
    if (isPocketBaseAlive(pid, settings.dataDirectory)) process.kill(pid, "SIGKILL");
  };
  process.once("exit", endWithTests);
  return {
    ...superuser,
    url: `http://127.0.0.1:${port}`,
    dataDirectory: settings.dataDirectory,
    logPath: settings.logPath,
    stop: async () => {
      process.off("exit", endWithTests);
      await stopServer();
      await remove();
    },
    kill: async () => {
      process.kill(pid, "SIGKILL");
      await waitUntil(() => !isPocketBaseAlive(pid, settings.dataDirectory), 5000);
    },
    restart: async () => {
      await stopServer();
      await start();
    },
  };
};
