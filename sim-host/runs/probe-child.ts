import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { extname, join } from "node:path";
import { z } from "zod";
import type { ProbeAnswer, ProbeOrder } from "./probe/messages.ts";
import { machineMilliseconds } from "./probe/messages.ts";

/** What is to be tried, and when that was asked for and is to be over. */
export type Order = Omit<ProbeOrder, "id">;

/** One program that probes from inside one network namespace. */
export interface ProbeChild {
  /** It is there, and not about to end. */
  isUsable(): boolean;
  /** It is ready, and makes nothing now. */
  isResting(): boolean;
  /** @throws Error when the program has ended, or does not answer in time */
  ask(order: Order): Promise<Omit<ProbeAnswer, "id">>;
  /** Resolves when it has answered for the first time, which takes longer than a probe, or has ended. */
  readonly ready: Promise<void>;
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

/** Over at once: only a program that has started can say so. */
const nothingToTry = (): Order => {
  const now = machineMilliseconds();
  return { kind: "tcp", addresses: [], port: 1, givenAtMilliseconds: now, untilMilliseconds: now };
};

/** What was asked and has not been answered, by id. */
const makeQuestions = () => {
  const pending = new Map<number, Pending>();
  const settle = (id: number, act: (probe: Pending) => void): void => {
    const probe = pending.get(id);
    if (probe === undefined) return;
    pending.delete(id);
    clearTimeout(probe.timer);
    act(probe);
  };
  const fail = (id: number, reason: string): void => settle(id, ({ reject }) => reject(new Error(reason)));
  return {
    count: () => pending.size,
    add: (id: number, probe: Pending): void => void pending.set(id, probe),
    answer: ({ id, ...answer }: ProbeAnswer): void => settle(id, ({ resolve }) => resolve(answer)),
    fail,
    failAll(reason: string): void {
      for (const id of [...pending.keys()]) fail(id, reason);
    },
  };
};

/** A program that has just been launched. It must end when it is killed, and may be anything else. */
export const tendProbeChild = (child: ChildProcess): ProbeChild => {
  const questions = makeQuestions();
  let nextId = 0;
  let isGone = false;
  const isUsable = (): boolean => child.connected && !isGone;
  const kill = (): void => {
    isGone = true;
    child.kill("SIGKILL");
  };
  const ended = new Promise<void>((resolve) => {
    child.once("error", () => resolve());
    child.once("exit", () => resolve());
  }).then(() => {
    isGone = true;
    questions.failAll("the prober has ended");
  });
  // What cannot be sent is learnt from the end of the child.
  child.on("error", () => undefined);
  // One that cannot be asked any more is of no use, even if it does not end by itself.
  child.on("disconnect", kill);
  child.on("message", (raw) => {
    const read = Answer.safeParse(raw);
    if (read.success) questions.answer(read.data);
    else kill();
  });
  const ask = (order: Order): Promise<Omit<ProbeAnswer, "id">> =>
    new Promise((resolve, reject) => {
      if (!isUsable()) {
        reject(new Error("the prober has ended"));
        return;
      }
      const id = nextId;
      nextId += 1;
      const giveUp = (): void => {
        kill();
        questions.fail(id, "the prober does not answer");
      };
      const leftMilliseconds = Math.max(0, order.untilMilliseconds - machineMilliseconds());
      questions.add(id, { resolve, reject, timer: setTimeout(giveUp, leftMilliseconds + startMilliseconds) });
      child.send({ id, ...order }, () => undefined);
    });
  const ready = ask(nothingToTry()).then(
    () => undefined,
    // Whoever asks it something learns why.
    () => undefined,
  );
  return {
    isResting: () => questions.count() === 0 && !isGone,
    ...{ isUsable, ready, ended, kill, ask },
  };
};

/** Starts one. `sandboxKey` is one of the engine's. */
export const startProbeChild = (sandboxKey: string): ProbeChild => tendProbeChild(launch(sandboxKey));
