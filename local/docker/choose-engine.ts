import { packagesOf, engineTools, simulationTools, type Tool } from "./tools.ts";

/** An engine that runs on this machine already, and is not ours to stop. */
export interface MachineEngine {
  readonly kind: "machine";
  readonly socketPath: string;
  /** For example `20.10.24`. */
  readonly version: string;
  /** Tools of simulations that the machine lacks and that could not be installed. Mostly empty. */
  readonly missingTools: readonly Tool[];
}

/** Which engine simulations run on. `reason`, in whole sentences, tells a person what to do. */
export type EngineChoice =
  MachineEngine | { readonly kind: "private" } | { readonly kind: "absent"; readonly reason: string };

/** What the choice asks of the machine. */
export interface EngineMachine {
  readonly isLinux: boolean;
  readonly isRoot: boolean;
  /** The variable DOCKER_HOST; empty when it is not set. */
  readonly dockerHost: string;
  /** Undefined when no engine answers there. */
  readonly askVersion: (socketPath: string) => Promise<string | undefined>;
  readonly findMissing: (tools: readonly Tool[]) => Promise<readonly Tool[]>;
  /** Undefined on a machine without apt. @throws Error with the reason */
  readonly install: ((tools: readonly Tool[]) => Promise<void>) | undefined;
  /** What is said about an engine that a private one would take the firewall from; undefined when there is none. */
  readonly describeNeighbour: () => string | undefined;
}

const usualSocket = "/var/run/docker.sock";
const unixScheme = "unix://";

const absent = (reason: string): EngineChoice => ({ kind: "absent", reason });

/** Answers what is missing afterwards, and why; nothing is missing when the reason is empty. */
const provide = async (
  machine: EngineMachine,
  tools: readonly Tool[],
): Promise<{ readonly missing: readonly Tool[]; readonly reason: string }> => {
  const missing = await machine.findMissing(tools);
  if (missing.length === 0) return { missing, reason: "" };
  const names = missing.join(", ");
  if (machine.install === undefined) return { missing, reason: `${names}: not found, and there is no apt-get here.` };
  try {
    await machine.install(missing);
    return { missing: [], reason: "" };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { missing, reason: `${names}: not found, and not to be installed (${why}).` };
  }
};

const useMachines = async (machine: EngineMachine, socketPath: string, version: string): Promise<EngineChoice> => {
  const missingTools = machine.isRoot
    ? (await provide(machine, simulationTools)).missing
    : await machine.findMissing(simulationTools);
  return { kind: "machine", socketPath, version, missingTools };
};

const chooseNamed = async (machine: EngineMachine): Promise<EngineChoice> => {
  const { dockerHost } = machine;
  if (!dockerHost.startsWith(`${unixScheme}/`)) {
    return absent(
      `DOCKER_HOST is ${dockerHost}, but simulations need an engine on this machine. Set it to unix:///path/to/docker.sock, or unset it.`,
    );
  }
  const socketPath = dockerHost.slice(unixScheme.length);
  const version = await machine.askVersion(socketPath);
  if (version !== undefined) return useMachines(machine, socketPath, version);
  return absent(`DOCKER_HOST names ${socketPath}, where no engine answers this user. Start it, or unset DOCKER_HOST.`);
};

/**
 * Chooses the engine: the one DOCKER_HOST names and no other, else the machine's at its usual socket, else a private one
 * where this process can start it. Installs tools that are missing where it can.
 */
export const chooseEngine = async (machine: EngineMachine): Promise<EngineChoice> => {
  if (machine.dockerHost !== "") return chooseNamed(machine);
  const version = await machine.askVersion(usualSocket);
  if (version !== undefined) return useMachines(machine, usualSocket, version);
  const none = `No Docker engine answers at ${usualSocket}`;
  if (!machine.isLinux)
    return absent(`${none}, and one can be started on Linux only. Start Docker, or set DOCKER_HOST.`);
  if (!machine.isRoot) {
    return absent(
      `${none}, and only root can start one. Start Docker and join the group docker, or start this as root.`,
    );
  }
  const neighbour = machine.describeNeighbour();
  if (neighbour !== undefined) return absent(`${none}, but ${neighbour}`);
  const { missing, reason } = await provide(machine, [...engineTools, ...simulationTools]);
  if (missing.length === 0) return { kind: "private" };
  return absent(`${none}, and none can be started. ${reason} Install ${packagesOf(missing).join(", ")}.`);
};
