import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { extname, join } from "node:path";
import { z } from "zod";
import type { ProbeAnswer, ProbeOrder } from "./probe/messages.ts";
import { machineMilliseconds } from "./probe/messages.ts";

/** What is to be tried, and for how long from now on. */
export type Order = Omit<ProbeOrder, "id" | "givenAtMilliseconds" | "untilMilliseconds"> & {
  readonly timeoutMilliseconds: number;
};

/** One program that probes from inside one network namespace. */
export interface ProbeChild {
  /** It is there, and not about to end. */
  isUsable(): boolean;
  /** It has made what it was started for, and makes nothing now. */
  isResting(): boolean;
  /** @throws Error when the program has ended, or does not answer in time */
  ask(order: Order): Promise<Omit<ProbeAnswer, "id">>;
  /** Resolves when it has ended, for whatever reason. */
  readonly ended: Promise<void>;
  kill(): void;
}

/** It handles what nodes say, so what it says itself is looked at. */
const Answer = z.strictObject({
  id: z.int().nonnegative(),
  isLate: z.boolean(),
  waitedMilliseconds: z.number().min(0).max(600_000),
  isReached: z.boolean(),
  milliseconds: z.number().min(0).max(600_000),
  detail: z.string().max(100),
});

/** Beside this file, and a program of the same kind: TypeScript as written, JavaScript as built. */
const entry = join(import.meta.dirname, "probe", `main${extname(import.meta.filename)}`);
/** A program that has just been started needs a while before it can answer at all, on a busy machine a long while. */
const startMilliseconds = 10_000;
const environment = { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", LC_ALL: "C" };

/** The host's own binary in the node's network, without any right but to change its user once. */
const launch = (sandboxKey: string): ChildProcess => {
  const confine = ["setpriv", "--no-new-privs", "--inh-caps=-all", "--bounding-set=-all,+setuid,+setgid", "--"];
  const program = [process.execPath, "--disable-warning=ExperimentalWarning", "--max-old-space-size=64", entry];
  return spawn("nsenter", [`--net=${sandboxKey}`, "--", ...confine, ...program], {
    stdio: ["ignore", "ignore", "ignore", "ipc"],
    env: environment,
    // A group of its own: a terminal's Ctrl-C reaches only the host, which takes leave in order.
    detached: true,
  });
};

interface Pending {
  readonly resolve: (answer: Omit<ProbeAnswer, "id">) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

/** Starts one. `sandboxKey` is one of the engine's. */
export const startProbeChild = (sandboxKey: string): ProbeChild => {
  const child = launch(sandboxKey);
  const pending = new Map<number, Pending>();
  let nextId = 0;
  let hasAnswered = false;
  let isKilled = false;
  const settle = (id: number, act: (probe: Pending) => void): void => {
    const probe = pending.get(id);
    if (probe === undefined) return;
    pending.delete(id);
    clearTimeout(probe.timer);
    act(probe);
  };
  const kill = (): void => {
    isKilled = true;
    child.kill("SIGKILL");
  };
  const ended = new Promise<void>((resolve) => {
    child.once("error", () => resolve());
    child.once("exit", () => resolve());
  }).then(() => {
    for (const id of [...pending.keys()]) settle(id, ({ reject }) => reject(new Error("the prober has ended")));
  });
  // What cannot be sent is learnt from the end of the child.
  child.on("error", () => undefined);
  child.on("message", (raw) => {
    const read = Answer.safeParse(raw);
    if (!read.success) {
      kill();
      return;
    }
    hasAnswered = true;
    const { id, ...answer } = read.data;
    settle(id, ({ resolve }) => resolve(answer));
  });
  return {
    isUsable: () => child.connected && !isKilled,
    isResting: () => hasAnswered && pending.size === 0 && !isKilled,
    ended,
    kill,
    ask: ({ timeoutMilliseconds, ...order }) =>
      new Promise((resolve, reject) => {
        if (!child.connected) {
          reject(new Error("the prober has ended"));
          return;
        }
        const id = nextId;
        nextId += 1;
        const giveUp = (): void => {
          kill();
          settle(id, (probe) => probe.reject(new Error("the prober does not answer")));
        };
        const timer = setTimeout(giveUp, timeoutMilliseconds + startMilliseconds);
        pending.set(id, { resolve, reject, timer });
        const givenAtMilliseconds = machineMilliseconds();
        const untilMilliseconds = givenAtMilliseconds + timeoutMilliseconds;
        child.send({ id, ...order, givenAtMilliseconds, untilMilliseconds }, () => undefined);
      }),
  };
};
