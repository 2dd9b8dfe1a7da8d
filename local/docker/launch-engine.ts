import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync, renameSync, statSync } from "node:fs";
import { waitUntil } from "../process/wait-until.ts";
import { isEngineAnswering } from "./engine-socket.ts";
import type { PrivateEngineFiles } from "./private-engine-files.ts";
import { toolPath } from "./tools.ts";

/**
 * Where an engine's bridges and firewall are: among the machine's own, or in a network namespace of the engine's own,
 * where they meet neither another engine's nor anything else of the machine.
 */
export type EngineNetwork = "machine" | "own";

const startTimeoutMilliseconds = 30_000;
const logBytesMax = 5 * 1024 * 1024;
const reasonCharacters = 700;

const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0;

/** The loopback of a new namespace is down, and then an address of a bridge cannot be reached from beside it. */
const inOwnNetwork = 'ip link set lo up && exec "$@"';

const commandOf = ({ configFile, namespaceFile }: PrivateEngineFiles, network: EngineNetwork): readonly string[] => {
  const engine = ["dockerd", `--config-file=${configFile}`];
  return network === "machine"
    ? engine
    : ["unshare", `--net=${namespaceFile}`, "sh", "-c", inOwnNetwork, "sh", ...engine];
};

const spawnEngine = async (command: readonly string[], files: PrivateEngineFiles): Promise<ChildProcess> => {
  const log = openSync(files.logFile, "a", 0o600);
  try {
    const [program = "", ...args] = command;
    const child = spawn(program, args, {
      // A file, not a pipe: a pipe breaks when this process is killed, and with it the engine's next log line.
      stdio: ["ignore", log, log],
      // Nothing else is inherited: dockerd reads settings from DOCKER_ variables, and the parent's may hold secrets.
      env: { PATH: toolPath(process.env["PATH"]), HOME: "/root", TMPDIR: files.runDirectory },
      detached: true,
    });
    await new Promise<void>((resolve, reject) => {
      child.once("spawn", resolve);
      child.once("error", () => reject(new Error(`${program} cannot be run`)));
    });
    child.unref();
    return child;
  } finally {
    closeSync(log);
  }
};

/** The lines dockerd ends with say why, and begin with what failed. */
const lastWords = (text: string): string => {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  const telling = lines.filter((line) => /failed to start|unable to configure|level=(?:fatal|error)/.test(line));
  return (telling.at(-1) ?? lines.at(-1) ?? "it said nothing").slice(-reasonCharacters);
};

/**
 * Starts dockerd on its written configuration and waits until it answers. It outlives this process, and a signal to the
 * terminal's process group does not reach it.
 *
 * @returns its pid
 * @throws Error with its last words, when it ends or does not answer in half a minute
 */
export const launchEngine = async (files: PrivateEngineFiles, network: EngineNetwork): Promise<number> => {
  if (sizeOf(files.logFile) > logBytesMax) renameSync(files.logFile, `${files.logFile}.1`);
  const begin = sizeOf(files.logFile);
  const child = await spawnEngine(commandOf(files, network), files);
  // Not by the process table: while one program becomes another there, it has no command line for a moment.
  const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null;
  await waitUntil(async () => hasEnded() || (await isEngineAnswering(files.socketPath)), startTimeoutMilliseconds);
  if (!hasEnded() && child.pid !== undefined && (await isEngineAnswering(files.socketPath))) return child.pid;
  const words = lastWords(readFileSync(files.logFile).subarray(begin).toString());
  throw new Error(`dockerd ${hasEnded() ? "ended" : "does not answer"}: ${words} (${files.logFile})`);
};
