import type { ChildProcess } from "node:child_process";
import { fork } from "node:child_process";
import { createWriteStream } from "node:fs";
import type { ReadyMessage } from "./part.ts";
import { partConfigVariable } from "./part.ts";
import { PortTakenError, saysPortTaken } from "./port-taken.ts";

export interface PartSpecification {
  /** Name shown to people and the key in `pids`. */
  readonly name: string;
  /** The part's main.ts. */
  readonly entry: string;
  readonly config: unknown;
  readonly logFile: string;
  readonly onRestart: (reason: string) => void;
}

/** A part that is kept running: when its process ends unasked, it is started again with the same configuration. */
export interface SupervisedPart {
  readonly name: string;
  /** Process id; 0 when it could not be started. */
  pid(): number;
  readonly facts: Readonly<Record<string, unknown>>;
  stop(): Promise<void>;
}

const readyTimeoutMilliseconds = 60_000;
const stopTimeoutMilliseconds = 10_000;
const restartsMax = 20;
const restartWindowMilliseconds = 60_000;
const restartPauseMilliseconds = 200;
const lastWordsMilliseconds = 1000;
const lastWordsCharacters = 8192;

const isReadyMessage = (message: unknown): message is ReadyMessage =>
  typeof message === "object" && message !== null && "type" in message && message.type === "ready";

const launch = ({ entry, config, logFile }: PartSpecification): ChildProcess => {
  const child = fork(entry, [], {
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    // A group of its own: a terminal's Ctrl-C reaches only `up`, which stops the parts in order.
    detached: true,
    env: { ...process.env, [partConfigVariable]: JSON.stringify(config) },
    execArgv: ["--disable-warning=ExperimentalWarning"],
  });
  const log = createWriteStream(logFile, { flags: "a" });
  child.stdout?.pipe(log, { end: false });
  child.stderr?.pipe(log, { end: false });
  child.once("close", () => log.end());
  return child;
};

const waitUntilReady = ({ name, logFile }: PartSpecification, child: ChildProcess): Promise<ReadyMessage["facts"]> =>
  new Promise((resolve, reject) => {
    const settle = (act: () => void): void => {
      clearTimeout(timer);
      child.off("message", onMessage).off("exit", onExit);
      act();
    };
    const onMessage = (message: unknown): void => {
      if (isReadyMessage(message)) settle(() => resolve(message.facts));
    };
    let words = "";
    child.stderr?.on("data", (chunk: Buffer) => (words = `${words}${chunk.toString()}`.slice(-lastWordsCharacters)));
    const onExit = (code: number | null): void => {
      const fail = (): void => {
        const reason = `${name} ended with code ${code ?? "none"} before it was ready; see ${logFile}`;
        settle(() => reject(saysPortTaken(words) ? new PortTakenError(reason) : new Error(reason)));
      };
      // What it wrote may arrive after its end; a child of its own may hold the pipe open for longer.
      const last = setTimeout(fail, lastWordsMilliseconds);
      child.once("close", () => {
        clearTimeout(last);
        fail();
      });
    };
    const timer = setTimeout(
      () => settle(() => reject(new Error(`${name} was not ready within 60 seconds; see ${logFile}`))),
      readyTimeoutMilliseconds,
    );
    child.on("message", onMessage).once("exit", onExit);
  });

const end = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) {
      resolve();
      return;
    }
    const force = setTimeout(() => child.kill("SIGKILL"), stopTimeoutMilliseconds);
    child.once("exit", () => {
      clearTimeout(force);
      resolve();
    });
    child.kill("SIGTERM");
  });

/** Starts a part and keeps it running until it is stopped. @throws Error when it does not become ready the first time */
export const supervise = async (specification: PartSpecification): Promise<SupervisedPart> => {
  let child = launch(specification);
  let isStopping = false;
  let restarts: readonly number[] = [];
  const facts = await waitUntilReady(specification, child).catch(async (error: unknown) => {
    await end(child);
    throw error;
  });

  const restart = (reason: string): void => {
    if (isStopping) return;
    const now = Date.now();
    restarts = [...restarts.filter((at) => now - at < restartWindowMilliseconds), now];
    if (restarts.length > restartsMax) {
      specification.onRestart(
        `${reason}; it is not started again because it ended ${restarts.length} times in a minute`,
      );
      return;
    }
    specification.onRestart(reason);
    setTimeout(() => {
      if (isStopping) return;
      child = launch(specification);
      watch();
    }, restartPauseMilliseconds);
  };
  const watch = (): void => {
    child.once("exit", (code, signal) => restart(`ended (${signal ?? `code ${code ?? "none"}`})`));
  };
  watch();

  return {
    name: specification.name,
    pid: () => child.pid ?? 0,
    facts,
    async stop() {
      isStopping = true;
      await end(child);
    },
  };
};
