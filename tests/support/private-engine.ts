import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Docker from "dockerode";
import { ensureToolboxImage } from "../../local/docker/toolbox-image.ts";
import { waitUntil } from "../../local/process/wait-until.ts";
import type { PrivateNetwork } from "./private-network.ts";
import { ended } from "./private-network.ts";

/** A Docker engine of the test's own in a network of its own. */
export interface PrivateEngine {
  readonly docker: Docker;
  readonly socketPath: string;
  /** Of the toolbox image, which it has. */
  readonly imageId: string;
  restart(): Promise<void>;
  /** To the daemon: SIGSTOP hangs it, SIGCONT lets it go on. */
  signal(name: "SIGSTOP" | "SIGCONT"): void;
  close(): Promise<void>;
}

const readyMilliseconds = 40_000;
const stopMilliseconds = 20_000;

/** `options` are the daemon's own. @throws Error with the end of the daemon's log when it does not start */
export const privateEngine = async (
  network: PrivateNetwork,
  options: readonly string[] = [],
): Promise<PrivateEngine> => {
  const directory = await mkdtemp(join(tmpdir(), "ksw-"));
  const socketPath = join(directory, "d.sock");
  const logFile = join(directory, "log");
  const command = [
    ...["dockerd", "--host", `unix://${socketPath}`, "--pidfile", join(directory, "pid")],
    ...["--data-root", join(directory, "data"), "--exec-root", join(directory, "exec")],
    ...["--storage-driver", "overlay2", "--log-level", "warn", ...options],
  ];
  const docker = new Docker({ socketPath });
  const isReady = (): Promise<boolean> =>
    docker.ping().then(
      () => true,
      () => false,
    );
  const start = async () => {
    const daemon = network.start(command, logFile);
    if (await waitUntil(isReady, readyMilliseconds, 100)) return daemon;
    throw new Error(`The engine did not start:\n${(await readFile(logFile, "utf8")).slice(-2000)}`);
  };
  let daemon = await start();
  /** Asked politely, it takes its containers and mounts with it. */
  const stop = async (): Promise<void> => {
    daemon.kill("SIGTERM");
    const force = setTimeout(() => daemon.kill("SIGKILL"), stopMilliseconds);
    await ended(daemon);
    clearTimeout(force);
  };
  const { imageId } = await ensureToolboxImage(docker);
  return {
    docker,
    socketPath,
    imageId,
    signal: (name) => void daemon.kill(name),
    async restart() {
      await stop();
      daemon = await start();
    },
    async close() {
      // Most programs of tests do not listen to the polite signal, and the daemon would wait for each.
      const containers = await docker.listContainers({ all: true });
      await Promise.all(containers.map(({ Id }) => docker.getContainer(Id).remove({ force: true })));
      await stop();
      await rm(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    },
  };
};
