import { existsSync } from "node:fs";
import { platform } from "node:process";
import { chooseEngine, type EngineChoice, type EngineMachine } from "./choose-engine.ts";
import { askEngineVersion } from "./engine-socket.ts";
import { findNeighbours, socketOf } from "./engine-table.ts";
import { installTools } from "./install-tools.ts";
import type { EngineNetwork } from "./launch-engine.ts";
import { privateEngineFiles } from "./private-engine-files.ts";
import { endPrivateEngine, sameNetworkNamespace, startPrivateEngine } from "./private-engine.ts";
import { findMissingTools, type Tool, toolPath } from "./tools.ts";

export interface FindEngineOptions {
  /** Absolute. Belongs to the private engine, if one is started: images, containers, its log. */
  readonly dataDirectory: string;
  /** Gets one line for people per step that takes time. */
  readonly onProgress?: (line: string) => void;
  /** Of a private engine. Default `machine`. */
  readonly network?: EngineNetwork;
  /** Read: DOCKER_HOST, PATH. */
  readonly env?: NodeJS.ProcessEnv;
}

/** `reason`, in whole sentences, tells a person what to do. */
export type FoundEngine =
  | {
      readonly kind: "ready";
      readonly socketPath: string;
      /** For example `20.10.24+dfsg1`. */
      readonly version: string;
      readonly source: "machine" | "private";
      /** For `nsenter --net=`: where the engine's bridges and firewall rules are. */
      readonly networkNamespace: string;
      /** Tools of simulations that the machine lacks. Always empty with a private engine. */
      readonly missingTools: readonly Tool[];
      /** Ends a private engine with its containers; leaves the machine's alone. */
      readonly stop: () => Promise<void>;
    }
  | { readonly kind: "absent"; readonly reason: string };

const describeNeighbour = (configFile: string, network: EngineNetwork): string | undefined => {
  const [neighbour] = network === "own" ? [] : findNeighbours(configFile);
  if (neighbour === undefined) return undefined;
  const socket = socketOf(neighbour);
  const advice = socket === undefined ? "Set DOCKER_HOST to its socket" : `Set DOCKER_HOST=${socket}`;
  return `dockerd runs as process ${neighbour.pid}, and a second one would take its firewall away. ${advice}, or stop it.`;
};

const thisMachine = (options: FindEngineOptions): EngineMachine => {
  const { dataDirectory, onProgress = () => undefined, network = "machine", env = process.env } = options;
  const path = toolPath(env["PATH"]);
  const hasApt = path.split(":").some((directory) => existsSync(`${directory}/apt-get`));
  return {
    isLinux: platform === "linux",
    isRoot: process.getuid?.() === 0,
    dockerHost: env["DOCKER_HOST"] ?? "",
    askVersion: askEngineVersion,
    findMissing: (tools) => findMissingTools(tools, path),
    install: hasApt ? (tools) => installTools(tools, { path, onProgress }) : undefined,
    describeNeighbour: () => describeNeighbour(privateEngineFiles(dataDirectory).configFile, network),
  };
};

/** Chooses as `findDockerEngine` does and installs what is missing, but starts nothing: for whoever starts the part. */
export const chooseDockerEngine = async (options: FindEngineOptions): Promise<EngineChoice> => {
  const choice = await chooseEngine(thisMachine(options));
  // One that an earlier start left, before this machine had another.
  if (choice.kind === "machine" && process.getuid?.() === 0) await endPrivateEngine(options.dataDirectory);
  return choice;
};

/**
 * Finds the Docker engine that simulations run on, or starts one below the data directory: the one DOCKER_HOST names, the
 * machine's, a private one, in this order. Every step is bounded in time.
 */
export const findDockerEngine = async (options: FindEngineOptions): Promise<FoundEngine> => {
  const { dataDirectory, network = "machine" } = options;
  const choice = await chooseDockerEngine(options);
  if (choice.kind === "absent") return choice;
  if (choice.kind === "machine") {
    const { socketPath, version, missingTools } = choice;
    const stop = (): Promise<void> => Promise.resolve();
    const networkNamespace = sameNetworkNamespace;
    return { kind: "ready", source: "machine", socketPath, version, networkNamespace, missingTools, stop };
  }
  try {
    const { socketPath, version, networkNamespace, stop } = await startPrivateEngine({ dataDirectory, network });
    return { kind: "ready", source: "private", socketPath, version, networkNamespace, missingTools: [], stop };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { kind: "absent", reason: `A Docker engine could not be started here: ${reason}` };
  }
};
