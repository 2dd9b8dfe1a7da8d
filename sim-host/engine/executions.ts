import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import type { DockerClient } from "./docker-client.ts";
import type { DockerId } from "./ports.ts";

const lookMilliseconds = 10_000;
const graceMilliseconds = 500;
const goneMilliseconds = 5000;
const intervalMilliseconds = 25;

/** Parts of what the engine says of a program in a container, and of a container's processes. */
const Exec = z.object({ Running: z.boolean(), ExitCode: z.number().nullish(), Pid: z.number().default(0) });
const Top = z.object({ Processes: z.array(z.array(z.string())).nullish() });

type Signal = "SIGHUP" | "SIGKILL";

/** Sends a signal to a process of this machine. @throws Error with `code` ESRCH when there is none, EPERM when it must not be touched */
export type SendSignal = (pid: number, signal: Signal) => void;

const lookAt = async ({ call }: DockerClient, id: DockerId): Promise<z.infer<typeof Exec>> =>
  Exec.parse(
    await call("look at a program", lookMilliseconds, (docker, abortSignal) => {
      const options = { abortSignal };
      return docker.exec(id).inspect(options);
    }),
  );

/** Before it runs, too, a program is said not to run; but only one that has ended has a code. */
const codeOf = ({ Running, ExitCode }: z.infer<typeof Exec>): number | undefined =>
  Running ? undefined : (ExitCode ?? undefined);

/** Looks again until something is so, or the time is over. Answers what was seen last. */
const lookUntil = async (
  client: DockerClient,
  id: DockerId,
  milliseconds: number,
  isSo: (exec: z.infer<typeof Exec>) => boolean,
): Promise<z.infer<typeof Exec>> => {
  const deadline = performance.now() + milliseconds;
  for (;;) {
    const seen = await lookAt(client, id);
    if (isSo(seen) || performance.now() >= deadline) return seen;
    await delay(intervalMilliseconds);
  }
};

const hasEnded = (exec: z.infer<typeof Exec>): boolean => codeOf(exec) !== undefined;

/** How a program ended, once the engine knows; undefined when it does not within 5 seconds. */
export const exitCodeOf = async (client: DockerClient, id: DockerId): Promise<number | undefined> =>
  codeOf(await lookUntil(client, id, goneMilliseconds, hasEnded));

/** Of the node's own processes only, as the engine lists them: a number may belong to another process by now. */
const sessionOf = async ({ call }: DockerClient, containerId: DockerId, leader: number): Promise<readonly number[]> => {
  const answer = Top.parse(
    await call("list the processes of a container", lookMilliseconds, (docker, abortSignal) =>
      docker.container(containerId).top({ ps_args: "-o pid,sid", abortSignal }),
    ),
  );
  const rows = (answer.Processes ?? []).map((row) => row.map(Number));
  return rows.flatMap(([pid, session]) => (pid !== undefined && session === leader ? [pid] : []));
};

/**
 * Ends a program with everything in its session: a hang-up, as of a terminal, and within half a second the kill. The engine offers
 * nothing of the kind, and closing the stream leaves a program running; so it is done from the host. Where that is not allowed,
 * programs run on within their node's limits, and no longer than it.
 */
export const endProgram = async (
  client: DockerClient,
  containerId: DockerId,
  id: DockerId,
  sendSignal: SendSignal,
): Promise<void> => {
  // It may be asked to end just before it begins.
  const seen = await lookUntil(client, id, goneMilliseconds, (exec) => exec.Pid !== 0 || hasEnded(exec));
  const { Pid } = seen;
  if (hasEnded(seen) || Pid === 0) return;
  const signalAll = async (signal: Signal): Promise<void> => {
    for (const pid of await sessionOf(client, containerId, Pid)) {
      try {
        sendSignal(pid, signal);
      } catch {
        // Ended in the meantime, or not ours to end.
      }
    }
  };
  await signalAll("SIGHUP");
  await lookUntil(client, id, graceMilliseconds, hasEnded);
  // Also when the program has ended: what it started may have been told to outlive it.
  await signalAll("SIGKILL");
  await lookUntil(client, id, goneMilliseconds, hasEnded);
};
