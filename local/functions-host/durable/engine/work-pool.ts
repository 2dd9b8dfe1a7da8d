import { setTimeout as sleep } from "node:timers/promises";

export interface WorkPoolOptions<T> {
  readonly concurrencyMax: number;
  /** Work with the same key is never done twice at a time; added while it waits, it is done once. */
  readonly keyOf: (item: T) => string | number;
  readonly work: (item: T) => Promise<void>;
  readonly log: (message: string) => void;
}

const attemptsMax = 5;
const firstDelayMilliseconds = 200;

/** Does work in the order in which it came, so much of it at a time. */
export class WorkPool<T> {
  readonly #options: WorkPoolOptions<T>;
  readonly #waiting = new Map<string | number, T>();
  /** Came again while it was being done. */
  readonly #again = new Map<string | number, T>();
  readonly #running = new Map<string | number, Promise<void>>();
  readonly #stopped = new AbortController();

  constructor(options: WorkPoolOptions<T>) {
    this.#options = options;
  }

  add(item: T): void {
    const key = this.#options.keyOf(item);
    if (this.#running.has(key)) this.#again.set(key, item);
    else this.#waiting.set(key, item);
    this.#pump();
  }

  /** Takes nothing new; resolves when what runs has ended. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    await Promise.all(this.#running.values());
  }

  #pump(): void {
    if (this.#stopped.signal.aborted) return;
    for (const [key, item] of this.#waiting) {
      if (this.#running.size >= this.#options.concurrencyMax) return;
      this.#waiting.delete(key);
      // Taken before it begins: the work itself may add more under the same key.
      this.#running.set(key, Promise.resolve());
      this.#running.set(key, this.#run(key, item));
    }
  }

  async #run(key: string | number, item: T): Promise<void> {
    await this.#attempt(item);
    this.#running.delete(key);
    const again = this.#again.get(key);
    this.#again.delete(key);
    if (again !== undefined) this.#waiting.set(key, again);
    this.#pump();
  }

  /** A full disk passes: tries again a few times, then leaves it to the next start, which finds it in the task hub. */
  async #attempt(item: T): Promise<void> {
    for (let attempt = 1; attempt <= attemptsMax; attempt += 1) {
      try {
        await this.#options.work(item);
        return;
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        this.#options.log(`durable: attempt ${attempt} of ${attemptsMax} failed: ${message}`);
        const delay = firstDelayMilliseconds * 2 ** attempt;
        await sleep(delay, undefined, { signal: this.#stopped.signal }).catch(() => undefined);
        if (this.#stopped.signal.aborted) return;
      }
    }
  }
}
