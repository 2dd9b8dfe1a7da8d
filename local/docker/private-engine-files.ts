import { createHash } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Where the private engine of one data directory keeps its things. All paths are absolute. */
export interface PrivateEngineFiles {
  /** Images and containers; lives on between starts. */
  readonly dataRoot: string;
  /** Sockets and what else is of no use without the running process. */
  readonly runDirectory: string;
  /** Also what the process is recognised by: it is in its command line, and in nobody else's. */
  readonly configFile: string;
  readonly logFile: string;
  readonly lockFile: string;
  readonly execRoot: string;
  readonly socketPath: string;
  /** A network namespace of the engine's own is mounted here, if it has one. */
  readonly namespaceFile: string;
  /** Keeps our containers apart where several engines share one containerd. */
  readonly containerdNamespace: string;
}

export type StorageDriver = "overlay2" | "vfs";

/** `sun_path` of unix(7) has 108 bytes, the last of which is zero. */
const socketBytesMax = 107;
/** The longest socket that is made below the run directory; dockerd has its containerd make it. */
const longestSocket = "exec/containerd/containerd-debug.sock";

const fits = (runDirectory: string): boolean => Buffer.byteLength(join(runDirectory, longestSocket)) <= socketBytesMax;

/**
 * Sockets are below the data directory, or in the system's directory for temporary files where that path is too long.
 * @throws Error when that one is too long as well
 */
export const privateEngineFiles = (dataDirectory: string, temporaryDirectory = tmpdir()): PrivateEngineFiles => {
  const key = createHash("sha256").update(dataDirectory).digest("hex").slice(0, 16);
  const candidates = [join(dataDirectory, "run"), join(temporaryDirectory, `kombify-docker-${key}`)];
  const runDirectory = candidates.find(fits);
  if (runDirectory === undefined) {
    throw new Error(
      `Paths of sockets below ${temporaryDirectory} would be too long. Set TMPDIR to a shorter directory.`,
    );
  }
  return {
    dataRoot: join(dataDirectory, "data"),
    runDirectory,
    configFile: join(dataDirectory, "daemon.json"),
    logFile: join(dataDirectory, "dockerd.log"),
    lockFile: join(dataDirectory, "lock"),
    execRoot: join(runDirectory, "exec"),
    socketPath: join(runDirectory, "docker.sock"),
    namespaceFile: join(runDirectory, "net"),
    containerdNamespace: `kombify-${key}`,
  };
};

/**
 * The engine's whole configuration, as `daemon.json` has it; nothing of the machine's own is read. No default bridge: a
 * container is in a network that somebody made for it, or in none. 4,096 networks of 16 addresses instead of the usual 30.
 */
export const daemonConfiguration = (files: PrivateEngineFiles, storageDriver: StorageDriver): string =>
  JSON.stringify(
    {
      "data-root": files.dataRoot,
      "exec-root": files.execRoot,
      pidfile: join(files.runDirectory, "dockerd.pid"),
      hosts: [`unix://${files.socketPath}`],
      group: "root",
      "storage-driver": storageDriver,
      bridge: "none",
      iptables: true,
      "containerd-namespace": files.containerdNamespace,
      "default-address-pools": [{ base: "10.209.0.0/16", size: 28 }],
      "log-opts": { "max-size": "1m", "max-file": "2" },
      "shutdown-timeout": 5,
    },
    undefined,
    2,
  );
