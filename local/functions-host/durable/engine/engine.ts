import { availableParallelism } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import type { HistoryEvent } from "../history/history-event.ts";
import { historyEvent } from "../history/history-event.ts";
import type { InstanceRow, StoredActivity, TurnCommit } from "../store/records.ts";
import { isTerminal } from "../store/records.ts";
import type { TaskHubStore } from "../store/task-hub-store.ts";
import type { EngineTime } from "./alarm.ts";
import { Alarm, systemTime } from "./alarm.ts";
import { HistoryCache } from "./history-cache.ts";
import type { Inbox } from "./inbox.ts";
import { sortInbox } from "./inbox.ts";
import type { OrchestrationProtocol } from "./orchestration-protocol.ts";
import { commitOf, pauseCommit, terminateCommit } from "./turn.ts";
import { WorkPool } from "./work-pool.ts";

export interface EngineOptions {
  readonly store: Omit<TaskHubStore, "close">;
  readonly protocol: OrchestrationProtocol;
  readonly log: (message: string) => void;
  readonly time?: EngineTime;
}

/** The extension's own defaults are 10 of each kind per core. */
const concurrencyMax = 10 * availableParallelism();
const stopMillisecondsMax = 5000;
const retryMilliseconds = 1000;

const isoAt = (milliseconds: number): string => new Date(milliseconds).toISOString();

/**
 * Runs turns and activities. An instance has one turn at a time; a turn takes every message that is due, runs the
 * orchestrator and commits once. What is cut off before its commit runs again: at least once, as in Azure.
 */
export class TurnEngine {
  readonly #options: EngineOptions;
  readonly #time: EngineTime;
  readonly #alarm: Alarm;
  readonly #histories = new HistoryCache();
  readonly #turns: WorkPool<string>;
  readonly #activities: WorkPool<StoredActivity>;
  #isClosed = false;

  constructor(options: EngineOptions) {
    this.#options = options;
    this.#time = options.time ?? systemTime;
    this.#alarm = new Alarm(this.#time, () => this.#onAlarm());
    const pool = { concurrencyMax, log: options.log };
    this.#turns = new WorkPool({ ...pool, keyOf: (instanceId) => instanceId, work: (id) => this.#turn(id) });
    this.#activities = new WorkPool({ ...pool, keyOf: ({ id }) => id, work: (each) => this.#activity(each) });
  }

  /** Takes up everything that the task hub holds. */
  start(): void {
    for (const activity of this.#options.store.activities()) this.#activities.add(activity);
    this.#takeDue();
  }

  /** Takes nothing new and waits for what runs, up to five seconds; what is not done by then runs again at the next start. */
  async stop(): Promise<void> {
    this.#alarm.stop();
    const ended = new AbortController();
    const all = Promise.all([this.#turns.stop(), this.#activities.stop()]).then(() => ended.abort());
    await Promise.race([all, sleep(stopMillisecondsMax, undefined, { signal: ended.signal }).catch(() => undefined)]);
    this.#isClosed = true;
  }

  /** There is a message for this instance. */
  notify(instanceId: string): void {
    this.#turns.add(instanceId);
  }

  #takeDue(): void {
    const { due, nextAt } = this.#options.store.schedule(this.#time.now());
    for (const instanceId of due) this.#turns.add(instanceId);
    if (nextAt !== undefined) this.#alarm.set(nextAt);
  }

  /** An alarm has nobody to tell about a failure, and must not take the host down. */
  #onAlarm(): void {
    try {
      this.#takeDue();
    } catch (error) {
      this.#options.log(`durable: cannot read what is due: ${error instanceof Error ? error.message : String(error)}`);
      this.#alarm.set(this.#time.now() + retryMilliseconds);
    }
  }

  async #activity(activity: StoredActivity): Promise<void> {
    const { instanceId, executionId, taskId } = activity;
    const result = await this.#options.protocol.runActivity(activity);
    if (this.#isClosed) return;
    const at = isoAt(this.#time.now());
    const event =
      result.kind === "completed"
        ? historyEvent.taskCompleted(at, taskId, result.resultJson)
        : historyEvent.taskFailed(at, taskId, result.reason, "");
    const answer = { instanceId, executionId, visibleAt: 0, message: { kind: "event", event } } as const;
    if (this.#options.store.answerActivity(activity.id, answer)) this.#turns.add(instanceId);
  }

  async #turn(instanceId: string): Promise<void> {
    const { store } = this.#options;
    const row = store.readInstance(instanceId);
    const inbox = sortInbox(row, store.dueMessages(instanceId, this.#time.now()));
    if (inbox.staleIds.length > 0) store.dropMessages(inbox.staleIds);
    const current = row === undefined ? undefined : this.#control(row, inbox);
    if (current === undefined || current.status === "Suspended" || inbox.events.length === 0) return;
    await this.#run(current, inbox);
  }

  /** Applies suspend, resume and terminate in order. Undefined: the instance has ended by it. */
  #control(row: InstanceRow, { controls }: Inbox): InstanceRow | undefined {
    const at = isoAt(this.#time.now());
    let current = row;
    for (const { id, kind, reason } of controls) {
      if (kind === "terminate") {
        this.#commit(terminateCommit(current, at, [id], reason));
        return undefined;
      }
      const commit = pauseCommit(current, at, [id], kind === "suspend" ? "Suspended" : "Running");
      this.#commit(commit);
      current = commit.instance;
    }
    return current;
  }

  async #run(row: InstanceRow, { events, eventIds }: Inbox): Promise<void> {
    const { instanceId, executionId, name, inputJson } = row;
    const past = this.#histories.get(instanceId, executionId) ?? this.#options.store.readHistory(instanceId);
    const at = this.#turnInstant(past);
    const fresh = [historyEvent.orchestratorStarted(at), ...events];
    const parentInstanceId = row.parent?.OrchestrationInstance.InstanceId ?? null;
    const turn = { instanceId, name, parentInstanceId, inputJson, past, fresh };
    const result = await this.#options.protocol.runOrchestrator(turn);
    if (this.#isClosed) return;
    const commit = commitOf({ row, at, fresh, consumed: eventIds }, result);
    this.#commit(commit);
    if (!isTerminal(commit.instance.status) && !commit.isNewExecution) {
      this.#histories.put(instanceId, executionId, [...past, ...commit.history]);
    }
  }

  /** A turn is never before the one it follows, also when the clock was set back: replay counts on it. */
  #turnInstant(past: readonly HistoryEvent[]): string {
    const now = isoAt(this.#time.now());
    const before = past.at(-1)?.Timestamp ?? "";
    return before > now ? before : now;
  }

  #commit(commit: TurnCommit): void {
    const { instance, messages, children } = commit;
    this.#histories.drop(instance.instanceId);
    const { activities, refused } = this.#options.store.commit(commit);
    for (const activity of activities) this.#activities.add(activity);
    for (const { started } of children) this.#turns.add(started.instanceId);
    if (refused.length > 0) this.#turns.add(instance.instanceId);
    const now = this.#time.now();
    for (const { instanceId, visibleAt } of messages) {
      if (visibleAt <= now) this.#turns.add(instanceId);
      else this.#alarm.set(visibleAt);
    }
  }
}
