import { existsSync, readFileSync, readlinkSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { waitUntil } from "../process/wait-until.ts";
import { askEngineVersion } from "./engine-socket.ts";
import { findEngine, isEngineAlive, type TableEntry } from "./engine-table.ts";
import { type EngineNetwork, launchEngine } from "./launch-engine.ts";
import { clearLeftovers } from "./leftovers.ts";
import { withMachineLock } from "./machine-lock.ts";
import { makePrivateDirectory } from "./private-directory.ts";
import {
  daemonConfiguration,
  privateEngineFiles,
  type PrivateEngineFiles,
  type StorageDriver,
} from "./private-engine-files.ts";
import { sendSignal } from "./send-signal.ts";

export interface PrivateEngineOptions {
  /** Absolute. The engine's alone: images, containers, its log. */
  readonly dataDirectory: string;
  readonly network: EngineNetwork;
}

/** A Docker engine that belongs to one data directory. */
export interface PrivateEngine {
  readonly pid: number;
  readonly socketPath: string;
  /** For example `20.10.24+dfsg1`. */
  readonly version: string;
  /** For `nsenter --net=`: where its bridges and firewall rules are. The path holds over restarts of the engine. */
  readonly networkNamespace: string;
  readonly isAlive: () => boolean;
  /** Ends it and all its containers. */
  readonly stop: () => Promise<void>;
}

/** The namespace of whoever opens it. */
export const sameNetworkNamespace = "/proc/self/ns/net";

const lockTimeoutSeconds = 60;
/** Longer than the hardened containers' five seconds; whoever waits for the part gives it eight. */
const stopTimeoutMilliseconds = 6000;
const killTimeoutMilliseconds = 2000;

const end = async (files: PrivateEngineFiles): Promise<void> => {
  const engine = findEngine(files.configFile);
  const isGone = (): boolean => engine === undefined || !isEngineAlive(engine.pid, files.configFile);
  const bounds = [
    ["SIGTERM", stopTimeoutMilliseconds],
    ["SIGKILL", killTimeoutMilliseconds],
  ] as const;
  for (const [signal, timeoutMilliseconds] of bounds) {
    if (engine === undefined || isGone()) break;
    sendSignal(engine.pid, signal);
    await waitUntil(isGone, timeoutMilliseconds);
  }
  if (!isGone()) throw new Error(`dockerd ${engine?.pid ?? ""} could not be ended.`);
  await clearLeftovers(files);
};

const ownNetworkOf = ({ namespaceFile }: PrivateEngineFiles): string =>
  `net:[${statSync(namespaceFile, { throwIfNoEntry: false })?.ino ?? 0}]`;

const isAsWanted = (engine: TableEntry, files: PrivateEngineFiles, network: EngineNetwork): boolean => {
  const wantedNetwork = network === "own" ? ownNetworkOf(files) : readlinkSync(sameNetworkNamespace);
  // Its data may have been removed from under it.
  const configuration = existsSync(files.configFile) ? readFileSync(files.configFile, "utf8") : "";
  const isConfigured = (driver: StorageDriver): boolean => configuration === daemonConfiguration(files, driver);
  return engine.network === wantedNetwork && (isConfigured("overlay2") || isConfigured("vfs"));
};

/** The engine that an earlier start left running, if it is as this start would have made it. */
const adopt = async (files: PrivateEngineFiles, network: EngineNetwork): Promise<number | undefined> => {
  const engine = findEngine(files.configFile);
  if (engine === undefined || !isAsWanted(engine, files, network)) return undefined;
  return (await askEngineVersion(files.socketPath)) === undefined ? undefined : engine.pid;
};

const launch = async (files: PrivateEngineFiles, network: EngineNetwork, driver: StorageDriver): Promise<number> => {
  await makePrivateDirectory(files.runDirectory);
  writeFileSync(files.namespaceFile, "");
  writeFileSync(files.configFile, daemonConfiguration(files, driver), { mode: 0o600 });
  try {
    return await launchEngine(files, network);
  } catch (error) {
    // It may be late instead of gone, and half of it may run on.
    await end(files);
    throw error;
  }
};

/** overlay2, or vfs on file systems that cannot be overlaid; a data directory stays with what it began with. */
const launchWithAnyDriver = async (files: PrivateEngineFiles, network: EngineNetwork): Promise<number> => {
  if (existsSync(join(files.dataRoot, "vfs"))) return launch(files, network, "vfs");
  try {
    return await launch(files, network, "overlay2");
  } catch (error) {
    if (!(error instanceof Error) || !error.message.includes("graphdriver")) throw error;
    return launch(files, network, "vfs");
  }
};

/**
 * Starts the engine of a data directory, for root on Linux with dockerd installed. One that survived an earlier start goes
 * on with its containers if it is as wanted and answers; otherwise it is ended first. So there is never a second one.
 *
 * @throws Error with the reason when it does not start
 */
export const startPrivateEngine = async ({ dataDirectory, network }: PrivateEngineOptions): Promise<PrivateEngine> => {
  const files = privateEngineFiles(dataDirectory);
  await makePrivateDirectory(dataDirectory);
  const { pid, version } = await withMachineLock(files.lockFile, lockTimeoutSeconds, async () => {
    const adopted = await adopt(files, network);
    if (adopted === undefined) await end(files);
    const started = adopted ?? (await launchWithAnyDriver(files, network));
    return { pid: started, version: (await askEngineVersion(files.socketPath)) ?? "unknown" };
  });
  return {
    pid,
    version,
    socketPath: files.socketPath,
    networkNamespace: network === "own" ? files.namespaceFile : sameNetworkNamespace,
    isAlive: () => isEngineAlive(pid, files.configFile),
    stop: () => endPrivateEngine(dataDirectory),
  };
};

/**
 * Ends the engine of a data directory, whoever started it, with all its containers; the data stay. Without one, nothing
 * happens. `isWanted` is asked under the lock that a start takes as well, so nobody's start can come between.
 *
 * @throws Error when it cannot be ended
 */
export const endPrivateEngine = async (dataDirectory: string, isWanted: () => boolean = () => true): Promise<void> => {
  if (!existsSync(dataDirectory)) return;
  const files = privateEngineFiles(dataDirectory);
  await withMachineLock(files.lockFile, lockTimeoutSeconds, async () => {
    if (isWanted()) await end(files);
  });
};
