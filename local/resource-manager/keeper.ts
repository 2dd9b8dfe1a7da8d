import {
  capLog,
  isPocketBaseHealthy,
  type PocketBaseSettings,
  type Superuser,
  startPocketBase,
  stopPocketBase,
  upsertSuperuser,
} from "../process/pocketbase-process.ts";
import { freePort, isPortFree } from "../process/free-port.ts";
import { isPocketBaseAlive, listPocketBases } from "../process/pocketbase-table.ts";
import { hasEnvironment } from "./process-environment.ts";
import { waitUntil } from "../process/wait-until.ts";

const watchIntervalMilliseconds = 200;
const longestBackoffMilliseconds = 10_000;
/** A server that lived this long has recovered: its next restart comes at once again. */
const stableAfterMilliseconds = 30_000;
const samePortTimeoutMilliseconds = 1000;
const adoptTimeoutMilliseconds = 10_000;
const commandTimeoutMilliseconds = 35_000;
const startAttempts = 3;

/** What a keeper needs to know of its instance, and whom it tells. */
export interface KeeperOptions {
  /** As they are to be now: the next start of the server uses them. */
  readonly settings: () => Omit<PocketBaseSettings, "port">;
  readonly rememberedPort: () => number | undefined;
  /** Ports that belong to other instances, running or not. */
  readonly reservedPorts: () => readonly number[];
  readonly onRunning: (port: number) => void;
  readonly onDown: () => void;
  readonly log: (line: string) => void;
}

/** The wait before restart number `failures` in a row (0: none), in milliseconds. */
export const backoffMilliseconds = (failures: number): number =>
  failures === 0 ? 0 : Math.min(longestBackoffMilliseconds, 200 * 2 ** Math.min(failures - 1, 10));

/** Keeps the one PocketBase of one instance running, as a container platform does: never two on its data directory. */
export class Keeper {
  readonly #options: KeeperOptions;
  #pid: number | undefined;
  #isWanted = false;
  #failures = 0;
  #startedAt = 0;
  #timer: NodeJS.Timeout | undefined;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(options: KeeperOptions) {
    this.#options = options;
  }

  /** The running server's pid. */
  get pid(): number | undefined {
    return this.#isAlive() ? this.#pid : undefined;
  }

  /** Adopts or starts the server, answers when it is healthy, and restarts it from now on. @throws Error after 3 tries */
  async start(): Promise<void> {
    this.#isWanted = true;
    for (let attempt = 1; ; attempt += 1) {
      try {
        await this.#exclusively(() => this.#bringUp());
        break;
      } catch (error) {
        if (attempt === startAttempts) throw error;
      }
    }
    this.#watchIn(watchIntervalMilliseconds);
  }

  /** As `start`, but in the background and for as long as it takes. */
  keepRunning(): void {
    this.#isWanted = true;
    this.#watchIn(0);
  }

  /** Ends the server and leaves it ended. */
  async stop(): Promise<void> {
    this.#isWanted = false;
    clearTimeout(this.#timer);
    await this.#exclusively(() => this.#bringDown());
  }

  /** Makes this superuser able to log in; a server that does not know the password is stopped for it. */
  async ensureSuperuser(superuser: Superuser): Promise<void> {
    await this.#exclusively(async () => {
      const port = this.#options.rememberedPort();
      if (this.#isAlive() && port !== undefined && (await canLogIn(port, superuser))) return;
      await this.#bringDown();
      await upsertSuperuser({ ...this.#options.settings(), port: 0 }, superuser);
    });
  }

  #isAlive(): boolean {
    return this.#pid !== undefined && isPocketBaseAlive(this.#pid, this.#options.settings().dataDirectory);
  }

  #exclusively<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(work);
    this.#queue = result.catch(() => undefined);
    return result;
  }

  #watchIn(milliseconds: number): void {
    clearTimeout(this.#timer);
    if (this.#isWanted) this.#timer = setTimeout(() => void this.#watch(), milliseconds);
  }

  async #watch(): Promise<void> {
    if (!this.#isWanted) return;
    let next = watchIntervalMilliseconds;
    try {
      if (this.#isAlive()) {
        if (performance.now() - this.#startedAt > stableAfterMilliseconds) this.#failures = 0;
        capLog(this.#options.settings().logPath);
      } else if (this.#pid === undefined) {
        await this.#exclusively(async () => {
          if (this.#isWanted) await this.#bringUp();
        });
      } else {
        next = this.#noteDeath();
      }
    } catch (error) {
      this.#failures += 1;
      next = backoffMilliseconds(this.#failures);
      this.#options.log(error instanceof Error ? error.message : String(error));
    }
    this.#watchIn(next);
  }

  /** Answers how long to wait before the restart. */
  #noteDeath(): number {
    this.#options.log(`PocketBase ${String(this.#pid)} has ended unasked`);
    this.#pid = undefined;
    this.#options.onDown();
    const wait = backoffMilliseconds(this.#failures);
    this.#failures += 1;
    return wait;
  }

  async #bringUp(): Promise<void> {
    const settings = this.#options.settings();
    if (this.#pid !== undefined && this.#isAlive()) {
      if (hasEnvironment(this.#pid, settings.env)) return;
      await this.#bringDown();
    }
    const port = (await this.#adopt()) ?? (await this.#launch());
    this.#startedAt = performance.now();
    capLog(settings.logPath);
    this.#options.onRunning(port);
  }

  /** Takes over the server that a killed manager left running. */
  async #adopt(): Promise<number | undefined> {
    const { dataDirectory, env } = this.#options.settings();
    await this.#awaitCommands();
    for (const { pid, port } of listPocketBases(dataDirectory)) {
      const url = `http://127.0.0.1:${String(port)}`;
      const isUsable = (): Promise<boolean> => isPocketBaseHealthy(url);
      if (port !== undefined && hasEnvironment(pid, env) && (await waitUntil(isUsable, adoptTimeoutMilliseconds))) {
        this.#pid = pid;
        return port;
      }
      await stopPocketBase(pid, dataDirectory);
    }
    return undefined;
  }

  async #launch(): Promise<number> {
    const port = await this.#choosePort();
    this.#pid = (await startPocketBase({ ...this.#options.settings(), port, outlivesParent: true })).pid;
    return port;
  }

  /** A `superuser upsert` that outlived its manager must end before anything else opens the data. */
  async #awaitCommands(): Promise<void> {
    const { dataDirectory } = this.#options.settings();
    const isQuiet = (): boolean => listPocketBases(dataDirectory).every(({ port }) => port !== undefined);
    if (!(await waitUntil(isQuiet, commandTimeoutMilliseconds)))
      throw new Error(`a PocketBase command does not end on ${dataDirectory}`);
  }

  async #choosePort(): Promise<number> {
    const remembered = this.#options.rememberedPort();
    // An outgoing connection may hold our port for a moment. Whoever keeps it may have it: nobody believes an old address.
    if (remembered !== undefined && (await waitUntil(() => isPortFree(remembered), samePortTimeoutMilliseconds, 100)))
      return remembered;
    const reserved = this.#options.reservedPorts();
    for (let attempt = 0; attempt < 50; attempt += 1) {
      const port = await freePort();
      if (!reserved.includes(port)) return port;
    }
    throw new Error("no free port was found");
  }

  async #bringDown(): Promise<void> {
    const { dataDirectory } = this.#options.settings();
    // Before the end comes, so that the watch does not take it for a crash.
    this.#pid = undefined;
    await this.#awaitCommands();
    for (const { pid } of listPocketBases(dataDirectory)) await stopPocketBase(pid, dataDirectory);
  }
}

const canLogIn = async (port: number, { email, password }: Superuser): Promise<boolean> => {
  const response = await fetch(`http://127.0.0.1:${port}/api/collections/_superusers/auth-with-password`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ identity: email, password }),
    signal: AbortSignal.timeout(5000),
  });
  await response.body?.cancel();
  return response.status === 200;
};
