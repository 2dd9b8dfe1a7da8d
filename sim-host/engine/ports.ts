/**
 * A file that Docker keeps for a network namespace: `/run/docker/netns/0123456789ab`, or below any folder that an engine is told
 * to use, hidden ones too. It goes to programs as an argument: no blanks, no `.` and `..`, never an option.
 */
export const sandboxKeyForm = /^(?:\/(?!\.{1,2}\/)[A-Za-z0-9_.-]+)+\/netns\/[0-9a-f]{8,64}$/;

/** 64 lower-case hexadecimal digits. Made by `docker-id.ts` only: Docker follows other strings to other places. */
export type DockerId = string & { readonly dockerId: unique symbol };

/** Whose a container or network is. Written as labels, and believed only together with our own row. */
export interface Owner {
  readonly tenantId: string;
  readonly simulationId: string;
  /** The node's name, or the link's. */
  readonly part: string;
  /** The lease's fencing number of the host that made it. */
  readonly generation: number;
}

export interface NetworkWish {
  readonly owner: Owner;
  /** Of our own making: 15 characters at most, begins with `ks`. */
  readonly bridgeName: string;
  /** A /27, as in `10.111.3.32/27`. */
  readonly subnet: string;
}

export interface ContainerWish {
  readonly owner: Owner;
  /** `sha256:` and 64 digits, from the allow-list; never a tenant's words. */
  readonly imageId: string;
  readonly command?: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly hostname: string;
  readonly memoryMegabytes: number;
  readonly cpus: number;
  readonly pidsMax: number;
  readonly healthcheck?: {
    readonly command: readonly string[];
    readonly intervalSeconds: number;
    readonly timeoutSeconds: number;
    readonly retries: number;
  };
  /** Networks it is on, with the address it has there; empty: none, not even the engine's default one. */
  readonly attachments: readonly {
    readonly networkId: DockerId;
    readonly ipAddress: string;
    readonly aliases: readonly string[];
  }[];
}

export type ContainerState = "created" | "running" | "paused" | "exited";

export interface SeenContainer {
  readonly id: DockerId;
  readonly owner: Owner;
  readonly state: ContainerState;
  readonly health?: "starting" | "healthy" | "unhealthy";
  readonly exitCode?: number;
  readonly isOutOfMemory?: boolean;
  /** Where its network namespace is found; empty while it does not run. */
  readonly sandboxKey: string;
  readonly attachments: readonly {
    readonly networkId: DockerId;
    readonly ipAddress: string;
    readonly macAddress: string;
  }[];
}

export interface SeenNetwork {
  readonly id: DockerId;
  readonly owner: Owner;
  readonly subnet: string;
  readonly bridgeName: string;
}

/** What the engine has of ours: everything with our label, whoever's row it is or is not. */
export interface SeenThings {
  readonly containers: readonly Omit<SeenContainer, "sandboxKey" | "attachments" | "health">[];
  readonly networks: readonly SeenNetwork[];
}

/** The engine as the simulations need it. Every call is bounded in time; creating is never adopting: names say nothing. */
export interface Engine {
  /** @throws DomainError `unavailable` when the engine does not answer */
  ping(): Promise<{ readonly version: string; readonly runtimes: readonly string[] }>;
  /** All of ours, or one simulation's. */
  list(only?: { readonly tenantId: string; readonly simulationId: string }): Promise<SeenThings>;
  createNetwork(wish: NetworkWish): Promise<DockerId>;
  /** Created, then looked at: a container whose effective options are not the hardened ones is removed again. */
  createContainer(wish: ContainerWish): Promise<DockerId>;
  inspect(id: DockerId): Promise<SeenContainer | undefined>;
  /** Each of these may be repeated: a container that runs is started, one that is gone is removed. */
  start(id: DockerId): Promise<void>;
  stop(id: DockerId): Promise<void>;
  pause(id: DockerId): Promise<void>;
  resume(id: DockerId): Promise<void>;
  kill(id: DockerId): Promise<void>;
  removeContainer(id: DockerId): Promise<void>;
  removeNetwork(id: DockerId): Promise<void>;
  /** Changes of our containers as they happen; hints only. Ends with the signal or the engine. */
  watch(
    signal: AbortSignal,
  ): AsyncIterable<{ readonly owner: Owner; readonly action: string; readonly exitCode?: number }>;
  /** What a node prints, oldest first; raw bytes of both streams, told apart. */
  logs(
    id: DockerId,
    options: { readonly follow: boolean; readonly tailLines: number; readonly signal: AbortSignal },
  ): AsyncIterable<{ readonly stream: "stdout" | "stderr"; readonly at: string; readonly line: string }>;
  stats(
    id: DockerId,
  ): Promise<{ readonly cpuPercent: number; readonly memoryMegabytes: number; readonly pids: number }>;
  /** Runs a command in a node: as its own user, without more rights than it has. */
  run(
    id: DockerId,
    command: readonly string[],
    options: {
      readonly input?: AsyncIterable<Uint8Array>;
      readonly outputBytesMax: number;
      readonly timeoutMilliseconds: number;
      /** Without what it prints as errors, which would spoil an output that is no text. */
      readonly leavesOutErrors?: boolean;
    },
  ): Promise<{ readonly exitCode: number; readonly output: Uint8Array; readonly isCut: boolean }>;
  /** An interactive program in a node. */
  terminal(
    id: DockerId,
    command: readonly string[],
    size: { readonly columns: number; readonly rows: number },
  ): Promise<Terminal>;
}

export interface Terminal {
  readonly output: AsyncIterable<Uint8Array>;
  write(bytes: Uint8Array): Promise<void>;
  resize(size: { readonly columns: number; readonly rows: number }): Promise<void>;
  /** Ends the program too. */
  close(): Promise<void>;
}
