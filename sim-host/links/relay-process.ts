import type { ChildProcessWithoutNullStreams } from "node:child_process";
import { spawn } from "node:child_process";
import { extname, join } from "node:path";
import { createInterface } from "node:readline";
import type { PortCounters, SourceState } from "./ports.ts";
import type { RelayRequest } from "./relay/messages.ts";
import { RelayAnswer } from "./relay/messages.ts";
import { commandEnvironment } from "./run-command.ts";

/** One running relay. A request that is not answered ends it: a relay that hangs is no better than none. */
export interface RelayProcess {
  readonly pid: number;
  /** Whether it runs before ordinary programs; otherwise delays are inexact while the machine is busy. */
  readonly isPrompt: boolean;
  /** Resolves with the reason when it has ended, for whatever reason. */
  readonly ended: Promise<string>;
  ping(): Promise<void>;
  /** Makes these the sources of a port whose host end has this index. Answers the name of the tap for its frames. */
  setSources(portId: string, interfaceIndex: number, sources: readonly SourceState[]): Promise<string>;
  remove(portId: string): Promise<void>;
  counters(portId: string): Promise<readonly PortCounters[]>;
  stop(): Promise<void>;
}

/** The relay has ended, or ended meanwhile, or refused. */
export class RelayFailed extends Error {
  override readonly name = "RelayFailed";
}

type Ask = RelayRequest extends infer R ? (R extends RelayRequest ? Omit<R, "id"> : never) : never;

type RelayChild = ChildProcessWithoutNullStreams & { readonly pid: number };
type Answer = Omit<RelayAnswer, "id">;

/** Beside this file, and a program of the same kind: TypeScript as written, JavaScript as built. */
const entry = join(import.meta.dirname, "relay", `main${extname(import.meta.filename)}`);
const startTimeoutMilliseconds = 20_000;
const answerTimeoutMilliseconds = 5000;
const lastWordsCharacters = 2000;

const launch = (tapPrefix: string): RelayChild => {
  // Little garbage at a time: it is collected while frames wait.
  const flags = ["--disable-warning=ExperimentalWarning", "--max-semi-space-size=2"];
  const child = spawn(process.execPath, [...flags, entry, tapPrefix], {
    stdio: ["pipe", "pipe", "pipe"],
    env: commandEnvironment,
    // A group of its own: a terminal's Ctrl-C reaches only the host, which takes leave in order.
    detached: true,
  });
  // A relay that has just ended, or never began, is learnt from its end.
  child.stdin.on("error", () => undefined);
  child.on("error", () => undefined);
  const { pid } = child;
  if (pid === undefined) throw new RelayFailed("the relay could not be started");
  return Object.assign(child, { pid });
};

const endOf = (child: RelayChild): Promise<string> => {
  let words = "";
  child.stderr.on("data", (chunk: Buffer) => (words = `${words}${chunk.toString()}`.slice(-lastWordsCharacters)));
  return new Promise((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("close", (code, signal) => resolve(`ended (${signal ?? `code ${code ?? "none"}`}) ${words}`.trim()));
  });
};

interface Pending {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

type Exchange = (ask: Ask, timeoutMilliseconds?: number) => Promise<Answer>;

const makeExchange = (child: RelayChild, ended: Promise<string>): Exchange => {
  const pending = new Map<number, Pending>();
  let nextId = 0;
  let isOver = false;
  const settle = (id: number, act: (request: Pending) => void): void => {
    const request = pending.get(id);
    if (request === undefined) return;
    pending.delete(id);
    clearTimeout(request.timer);
    act(request);
  };
  void ended.then((reason) => {
    isOver = true;
    for (const id of [...pending.keys()]) settle(id, ({ reject }) => reject(new RelayFailed(`the relay ${reason}`)));
  });
  const take = (line: string): void => {
    const { id, ...answer } = RelayAnswer.parse(JSON.parse(line));
    settle(id, ({ resolve, reject }) =>
      answer.error === undefined ? resolve(answer) : reject(new RelayFailed(answer.error)),
    );
  };
  createInterface({ input: child.stdout }).on("line", (line) => {
    try {
      take(line);
    } catch {
      // It does not speak as a relay does: its requests end with it.
      child.kill("SIGKILL");
    }
  });
  return (ask, timeoutMilliseconds = answerTimeoutMilliseconds) =>
    new Promise((resolve, reject) => {
      if (isOver) {
        reject(new RelayFailed("the relay has ended"));
        return;
      }
      const id = nextId;
      nextId += 1;
      const giveUp = (): void =>
        settle(id, (request) => {
          child.kill("SIGKILL");
          request.reject(new RelayFailed("the relay did not answer"));
        });
      // In the turn after the time's: when this process was busy for so long itself, the answer is read first.
      const timer = setTimeout(() => setImmediate(giveUp), timeoutMilliseconds);
      pending.set(id, { resolve, reject, timer });
      child.stdin.write(`${JSON.stringify({ id, ...ask })}\n`);
    });
};

/** Starts a relay that names its taps with this prefix. @throws RelayFailed when it does not come up */
export const startRelay = async (tapPrefix: string): Promise<RelayProcess> => {
  const child = launch(tapPrefix);
  const ended = endOf(child);
  const exchange = makeExchange(child, ended);
  const { isPrompt } = await exchange({ kind: "ping" }, startTimeoutMilliseconds);
  return {
    pid: child.pid,
    isPrompt: isPrompt === true,
    ended,
    async ping() {
      await exchange({ kind: "ping" });
    },
    async setSources(portId, interfaceIndex, sources) {
      const { tapName } = await exchange({ kind: "set", portId, interfaceIndex, sources: [...sources] });
      if (tapName === undefined) throw new RelayFailed("the relay has not named its tap");
      return tapName;
    },
    async remove(portId) {
      await exchange({ kind: "remove", portId });
    },
    counters: async (portId) => (await exchange({ kind: "counters", portId })).counters ?? [],
    async stop() {
      child.kill("SIGKILL");
      await ended;
    },
  };
};
