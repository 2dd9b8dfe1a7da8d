import type { ManualRun } from "./admin/admin-api.ts";
import { hasTrigger } from "./core/bindings.ts";
import type { FunctionInvoker, RegisteredFunction } from "./core/rpc.ts";
import type { QueueListener } from "./queues/queue-listener.ts";
import { queueFunction } from "./queues/queue-functions.ts";
import { type Environment, isFunctionDisabled } from "./settings/environment.ts";
import type { QueueSettings } from "./settings/host-settings.ts";
import { timerFunction } from "./timers/timer-functions.ts";
import type { TimerListener } from "./timers/timer-listener.ts";

export interface TriggersOptions {
  readonly environment: Environment;
  readonly invoker: FunctionInvoker;
  readonly timerStatusDirectory: string;
  readonly queues: QueueSettings;
  readonly queueLeaseSeconds: number;
  readonly log: (message: string) => void;
}

/** What starts functions without a request: timers and queues. */
export class Triggers {
  readonly manualRuns = new Map<string, ManualRun>();
  /** Why a function is not started, by name. */
  readonly errors = new Map<string, string>();
  readonly #timers: TimerListener[] = [];
  readonly #queues: QueueListener[] = [];

  constructor(functions: readonly RegisteredFunction[], options: TriggersOptions) {
    for (const registered of functions) {
      try {
        this.#add(registered, options);
      } catch (error) {
        this.errors.set(registered.name, error instanceof Error ? error.message : String(error));
      }
    }
  }

  #add(registered: RegisteredFunction, options: TriggersOptions): void {
    const isDisabled = isFunctionDisabled(registered.name, options.environment);
    if (hasTrigger(registered, "timerTrigger")) {
      const { listener, runByHand } = timerFunction(registered, {
        ...options,
        statusDirectory: options.timerStatusDirectory,
      });
      this.manualRuns.set(registered.name, runByHand);
      if (!isDisabled) this.#timers.push(listener);
    } else if (hasTrigger(registered, "queueTrigger")) {
      const { listener, runByHand } = queueFunction(registered, {
        ...options,
        settings: options.queues,
        leaseSeconds: options.queueLeaseSeconds,
      });
      this.manualRuns.set(registered.name, runByHand);
      if (!isDisabled) this.#queues.push(listener);
    }
  }

  /** @throws when a queue cannot be created */
  async start(): Promise<void> {
    await Promise.all(this.#queues.map((queue) => queue.start()));
    await Promise.all(this.#timers.map((timer) => timer.start()));
  }

  /** Starts nothing more; resolves when messages already taken are settled. */
  async stop(): Promise<void> {
    for (const timer of this.#timers) timer.stop();
    await Promise.all(this.#queues.map((queue) => queue.stop()));
  }
}
