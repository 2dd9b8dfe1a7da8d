import { availableParallelism } from "node:os";
import type { HistoryEvent, Started } from "../protocol/history-event.ts";
import { historyEvent } from "../protocol/history-event.ts";
import { replay } from "../protocol/replay.ts";
import type { InstanceRow, StoredActivity, StoredEnvelope } from "../store/records.ts";
import type { TaskHubStore } from "../store/task-hub-store.ts";
import { isTerminal } from "../store/records.ts";
import type { RunnerOptions } from "./orchestrator-runner.ts";
import { runActivity, runOrchestrator } from "./orchestrator-runner.ts";
import { commitOf, tellParent } from "./turn.ts";

export interface EngineOptions extends RunnerOptions {
  readonly store: TaskHubStore;
  readonly functions: { readonly orchestrators: readonly string[]; readonly activities: readonly string[] };
  readonly log: (message: string) => void;
}

/** The extension's own defaults are 10 of each kind per core. */
const concurrencyMax = 10 * availableParallelism();
/** setTimeout takes 31 bits; it may also be a little early, so due times are always looked up again. */
const sleepMillisecondsMax = 2 ** 31 - 1;

const played = (events: readonly HistoryEvent[]): HistoryEvent[] =>
  events.map((event) => ({ ...event, IsPlayed: true }));

/**
 * Runs turns and activities. An instance has one turn at a time; a turn takes every message that is due, runs the
 * orchestrator and commits once. What is cut off before its commit runs again: at least once, as in Azure.
 */
export class TurnEngine {
  readonly #options: EngineOptions;
  readonly #ready = new Set<string>();
  readonly #busy = new Set<string>();
  readonly #activities: StoredActivity[] = [];
  readonly #running = new Set<Promise<void>>();
  #runningActivities = 0;
  #timer: NodeJS.Timeout | undefined;
  #isStopped = true;

  constructor(options: EngineOptions) {
    this.#options = options;
  }

  start(): void {
    this.#isStopped = false;
    this.#activities.push(...this.#options.store.activities());
    this.wake();
  }

  /** Takes nothing new and waits for what runs. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await Promise.allSettled([...this.#running]);
  }

  /** Looks for messages that are due and arms the timer for the next one. */
  wake(): void {
    if (this.#isStopped) return;
    clearTimeout(this.#timer);
    const now = Date.now();
    const { due, nextAt } = this.#options.store.schedule(now);
    for (const instanceId of due) this.#ready.add(instanceId);
    if (nextAt !== undefined) {
      this.#timer = setTimeout(() => this.wake(), Math.min(sleepMillisecondsMax, Math.max(1, nextAt - now)));
    }
    this.#pump();
  }

  #pump(): void {
    if (this.#isStopped) return;
    for (const instanceId of this.#ready) {
      if (this.#busy.size >= concurrencyMax) break;
      if (this.#busy.has(instanceId)) continue;
      this.#ready.delete(instanceId);
      this.#busy.add(instanceId);
      this.#track(this.#turn(instanceId), () => this.#busy.delete(instanceId));
    }
    while (this.#runningActivities < concurrencyMax) {
      const activity = this.#activities.shift();
      if (activity === undefined) break;
      this.#runningActivities += 1;
      this.#track(this.#activity(activity), () => (this.#runningActivities -= 1));
    }
  }

  #track(work: Promise<void>, onEnd: () => void): void {
    const tracked = work
      .catch((error: unknown) =>
        this.#options.log(`durable: ${error instanceof Error ? error.message : String(error)}`),
      )
      .finally(() => {
        onEnd();
        this.#running.delete(tracked);
        this.#pump();
      });
    this.#running.add(tracked);
  }

  async #activity(activity: StoredActivity): Promise<void> {
    const { store } = this.#options;
    const result = await runActivity(this.#options, activity);
    const at = new Date().toISOString();
    const event =
      result.kind === "completed"
        ? historyEvent.taskCompleted(at, activity.taskId, result.result)
        : historyEvent.taskFailed(at, activity.taskId, result.reason, "");
    const { instanceId, executionId } = activity;
    if (
      store.answerActivity(activity.id, { instanceId, executionId, visibleAt: 0, message: { kind: "event", event } })
    ) {
      this.#ready.add(instanceId);
    }
  }

  async #turn(instanceId: string): Promise<void> {
    const { store } = this.#options;
    const row = store.readInstance(instanceId);
    const messages = store.dueMessages(instanceId, Date.now());
    const stale = messages.filter(
      ({ executionId }) =>
        row === undefined || isTerminal(row.status) || (executionId !== null && executionId !== row.executionId),
    );
    if (stale.length > 0) store.dropMessages(stale.map(({ id }) => id));
    const due = messages.filter((message) => !stale.includes(message));
    if (row === undefined || due.length === 0) return;
    const controls = due.filter(({ message }) => message.kind !== "event");
    const after = this.#control(row, controls);
    if (after === undefined || after.status === "Suspended") return;
    const events = due.flatMap(({ message }) => (message.kind === "event" ? [message.event] : []));
    if (events.length === 0) return;
    await this.#run(
      after,
      events,
      due.filter(({ message }) => message.kind === "event"),
    );
  }

  /** Applies suspend, resume and terminate in order. Undefined: the instance has ended by it. */
  #control(row: InstanceRow, controls: readonly StoredEnvelope[]): InstanceRow | undefined {
    let current = row;
    for (const { id, message } of controls) {
      if (message.kind === "event") continue;
      const at = new Date().toISOString();
      const base = { consumed: [id], isNewExecution: false, activities: [], children: [], messages: [], history: [] };
      if (message.kind === "terminate") {
        const { reason } = message;
        const instance: InstanceRow = { ...current, status: "Terminated", output: reason, updatedAt: at };
        const history = [historyEvent.executionTerminated(at, reason)];
        this.#commit({ ...base, instance, history, messages: tellParent(row, at, "Terminated", reason) });
        return undefined;
      }
      current = { ...current, status: message.kind === "suspend" ? "Suspended" : "Running", updatedAt: at };
      this.#commit({ ...base, instance: current });
    }
    return current;
  }

  async #run(row: InstanceRow, events: readonly HistoryEvent[], due: readonly StoredEnvelope[]): Promise<void> {
    const past = played(this.#options.store.readHistory(row.instanceId));
    const at = new Date().toISOString();
    const newEvents = [historyEvent.orchestratorStarted(at), ...events];
    const history = [...past, ...newEvents];
    const isKnown = this.#options.functions.orchestrators.includes(row.name);
    const output = isKnown
      ? await runOrchestrator(this.#options, row, history, past.length > 0)
      : {
          actions: [],
          isDone: true,
          output: null,
          customStatus: null,
          error: `There is no orchestrator '${row.name}'.`,
        };
    const customStatusJson = output.customStatus === null ? row.customStatusJson : JSON.stringify(output.customStatus);
    const turn = { row, at, newEvents, consumed: due.map(({ id }) => id), customStatusJson };
    this.#commit(commitOf(turn, this.#decide(row, history, output)));
  }

  #decide(
    row: InstanceRow,
    history: readonly HistoryEvent[],
    output: Parameters<typeof replay>[1],
  ): ReturnType<typeof replay> {
    const failed = (reason: string) => ({ decisions: [], completion: { kind: "failed" as const, reason } });
    try {
      const result = replay(history, output);
      const unknown = result.decisions.find(
        (decision) => decision.kind === "task" && !this.#options.functions.activities.includes(decision.name),
      );
      if (unknown?.kind === "task") return failed(`There is no activity function '${unknown.name}'.`);
      if (result.completion?.kind !== "failed") return result;
      return {
        ...result,
        completion: {
          kind: "failed",
          reason: `Orchestrator function '${row.name}' failed: ${result.completion.reason}`,
        },
      };
    } catch (error) {
      return failed(error instanceof Error ? error.message : String(error));
    }
  }

  #commit(commit: Parameters<TaskHubStore["commit"]>[0]): void {
    const startOf = (child: Started): HistoryEvent => historyEvent.executionStarted(commit.instance.updatedAt, child);
    const { activities, refused } = this.#options.store.commit(commit, startOf);
    this.#activities.push(...activities);
    const { instanceId, executionId, updatedAt } = commit.instance;
    for (const { parent, instanceId: childId } of refused) {
      const reason = `An orchestration with the id '${childId}' is already under way.`;
      const event = historyEvent.subFailed(updatedAt, parent?.TaskScheduleId ?? -1, reason, "");
      this.#options.store.send({ instanceId, executionId, visibleAt: 0, message: { kind: "event", event } });
    }
    this.wake();
  }
}
