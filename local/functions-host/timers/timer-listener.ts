import { describeError } from "../core/log.ts";
import type { RpcTypedData } from "../core/rpc.ts";
import type { Schedule } from "./schedule.ts";
import { type TimerStatus, readTimerStatus, resumeStatus, writeTimerStatus } from "./timer-status.ts";

export interface TimerListenerOptions {
  readonly functionName: string;
  readonly schedule: Schedule;
  /** Remember the schedule across restarts, and make up for a run that was missed. */
  readonly isMonitored: boolean;
  readonly runOnStartup: boolean;
  readonly statusDirectory: string;
  readonly run: (timer: RpcTypedData) => Promise<unknown>;
  readonly log: (message: string) => void;
}

const longestTimeoutMilliseconds = 2 ** 31 - 1;
const neverText = "0001-01-01T00:00:00+00:00";

/** The value a timer function is given; the library turns its names into camel case. */
export const timerInput = (status: TimerStatus | undefined, isPastDue: boolean): RpcTypedData => ({
  json: JSON.stringify({
    Schedule: { AdjustForDST: true },
    ScheduleStatus:
      status === undefined
        ? null
        : {
            Last: status.last?.toISOString() ?? neverText,
            Next: status.next.toISOString(),
            LastUpdated: status.lastUpdated.toISOString(),
          },
    IsPastDue: isPastDue,
  }),
});

const later = (left: Date, right: Date): Date => (left > right ? left : right);

/**
 * Runs one timer function: never early, never twice at a time. What is missed while a run takes long is skipped.
 * Source: webjobs-sdk-extensions Timers/Listener/TimerListener.cs.
 */
export class TimerListener {
  readonly #options: TimerListenerOptions;
  #status: TimerStatus | undefined;
  #timeout: NodeJS.Timeout | undefined;
  #isStopped = false;

  constructor(options: TimerListenerOptions) {
    this.#options = options;
  }

  /** Resolves when the timer is armed; a run that is due at once goes on by itself. */
  async start(): Promise<void> {
    const { schedule, isMonitored, runOnStartup, statusDirectory, functionName } = this.#options;
    const now = new Date();
    const stored = isMonitored ? await readTimerStatus(statusDirectory, functionName) : undefined;
    const { status, isPastDue } = resumeStatus(schedule, stored, now);
    this.#status = status;
    if (isMonitored) await writeTimerStatus(statusDirectory, functionName, status);
    if (isPastDue || runOnStartup) void this.#fire(now, now, isPastDue);
    else this.#arm(status.next);
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timeout);
  }

  #arm(due: Date): void {
    if (this.#isStopped) return;
    const wait = Math.max(0, due.getTime() - Date.now());
    this.#timeout = setTimeout(
      () => {
        // A timeout may come a millisecond early, and a long wait takes several.
        const now = new Date();
        if (now < due) this.#arm(due);
        else void this.#fire(now, due, false);
      },
      Math.min(wait, longestTimeoutMilliseconds),
    );
  }

  /** @param due the occurrence that caused this run */
  async #fire(startedAt: Date, due: Date, isPastDue: boolean): Promise<void> {
    const { schedule, isMonitored, run, log, functionName } = this.#options;
    try {
      await run(timerInput(isMonitored ? this.#status : undefined, isPastDue));
    } catch (error) {
      log(`Executed '${functionName}' (Failed): ${describeError(error)}`);
    }
    const last = later(startedAt, due);
    this.#status = { last, next: schedule.nextAfter(last), lastUpdated: last };
    await this.#remember(this.#status);
    this.#arm(this.#status.next);
  }

  /** The schedule goes on when its status cannot be kept; only making up for a missed run suffers. */
  async #remember(status: TimerStatus): Promise<void> {
    const { isMonitored, statusDirectory, functionName, log } = this.#options;
    if (!isMonitored) return;
    try {
      await writeTimerStatus(statusDirectory, functionName, status);
    } catch (error) {
      log(`The status of timer '${functionName}' could not be written: ${describeError(error)}`);
    }
  }
}
