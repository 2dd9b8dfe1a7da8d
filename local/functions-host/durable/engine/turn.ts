import { randomUUID } from "node:crypto";
import type { HistoryEvent, Started } from "../history/history-event.ts";
import { historyEvent } from "../history/history-event.ts";
import type { ActivityMessage, Envelope, InstanceRow, NewChild, TurnCommit } from "../store/records.ts";
import type { Completion, Decision, TurnResult } from "./orchestration-protocol.ts";

/** What a turn works on. `at` is its instant, the orchestrator's `currentUtcDateTime`. */
export interface TurnInput {
  readonly row: InstanceRow;
  readonly at: string;
  /** This turn's events, with the mark that opens it. */
  readonly fresh: readonly HistoryEvent[];
  /** Messages that the events came from. */
  readonly consumed: readonly number[];
}

interface Effects {
  readonly events: HistoryEvent[];
  readonly messages: Envelope[];
  readonly activities: ActivityMessage[];
  readonly children: NewChild[];
}

type SubOrchestration = Extract<Decision, { kind: "sub-orchestration" }>;

const childOf = (decision: SubOrchestration, { row, at }: TurnInput): NewChild => {
  const { instanceId, executionId, name, version } = row;
  const started: Started = {
    instanceId: decision.instanceId ?? `${executionId}:${decision.id}`,
    executionId: randomUUID(),
    name: decision.name,
    version: decision.version,
    input: decision.inputJson,
    parent: {
      Name: name,
      OrchestrationInstance: { InstanceId: instanceId, ExecutionId: executionId },
      TaskScheduleId: decision.id,
      Version: version,
    },
  };
  const reason = `An orchestration with the id '${started.instanceId}' is already under way.`;
  const event = historyEvent.subFailed(at, decision.id, reason, "");
  return {
    started,
    first: historyEvent.executionStarted(at, started),
    refusal: { instanceId, executionId, visibleAt: 0, message: { kind: "event", event } },
  };
};

const enact = (decision: Decision, turn: TurnInput, effects: Effects): void => {
  const { row, at } = turn;
  const { instanceId, executionId } = row;
  switch (decision.kind) {
    case "activity": {
      const { id: taskId, name, input } = decision;
      effects.events.push(historyEvent.taskScheduled(at, taskId, name));
      effects.activities.push({ instanceId, executionId, taskId, name, input });
      break;
    }
    case "timer": {
      const { id, fireAt } = decision;
      effects.events.push(historyEvent.timerCreated(at, id, fireAt));
      const event = historyEvent.timerFired(fireAt, id, fireAt);
      const visibleAt = new Date(fireAt).getTime();
      effects.messages.push({ instanceId, executionId, visibleAt, message: { kind: "event", event } });
      break;
    }
    case "sub-orchestration": {
      const child = childOf(decision, turn);
      effects.events.push(historyEvent.subCreated(at, decision.id, decision.name, child.started.instanceId));
      effects.children.push(child);
      break;
    }
  }
};

/** The message that tells a parent how its child ended. A terminated child has failed, for its parent. */
const tellParent = ({ parent, status, output, updatedAt: at }: InstanceRow): Envelope[] => {
  if (parent === null) return [];
  const { InstanceId: instanceId, ExecutionId: executionId } = parent.OrchestrationInstance;
  const event =
    status === "Completed"
      ? historyEvent.subCompleted(at, parent.TaskScheduleId, output)
      : historyEvent.subFailed(at, parent.TaskScheduleId, output ?? "", "");
  return [{ instanceId, executionId, visibleAt: 0, message: { kind: "event", event } }];
};

const base = { isNewExecution: false, activities: [], children: [], messages: [], history: [] } as const;

type ContinuedAsNew = Extract<Completion, { kind: "continued-as-new" }>;

/** The same instance with a new execution: an empty history, and only what came after the call. */
const continueAsNew = (turn: TurnInput, { inputJson, carriedOver }: ContinuedAsNew, row: InstanceRow): TurnCommit => {
  const { at, consumed } = turn;
  const executionId = randomUUID();
  const { instanceId, name, version, parent } = row;
  const started = { instanceId, executionId, name, version, input: inputJson, parent };
  const events = [historyEvent.executionStarted(at, started), ...carriedOver];
  return {
    ...base,
    instance: { ...row, executionId, inputJson },
    consumed,
    isNewExecution: true,
    messages: events.map((event) => ({ instanceId, executionId, visibleAt: 0, message: { kind: "event", event } })),
  };
};

/** Turns what the orchestrator decided into everything that one transaction writes. */
export const commitOf = (turn: TurnInput, { decisions, completion, customStatusJson }: TurnResult): TurnCommit => {
  const { at, fresh, consumed } = turn;
  const row: InstanceRow = {
    ...turn.row,
    status: "Running",
    updatedAt: at,
    customStatusJson: customStatusJson ?? turn.row.customStatusJson,
  };
  if (completion?.kind === "continued-as-new") return continueAsNew(turn, completion, row);
  const effects: Effects = { events: [], messages: [], activities: [], children: [] };
  for (const decision of decisions) enact(decision, turn, effects);
  const { events, messages, activities, children } = effects;
  const end = historyEvent.orchestratorCompleted(at);
  const commit = { ...base, consumed, activities, children };
  if (completion === undefined) return { ...commit, instance: row, messages, history: [...fresh, ...events, end] };
  const status = completion.kind === "completed" ? "Completed" : "Failed";
  const output = completion.kind === "completed" ? completion.resultJson : completion.reason;
  const instance: InstanceRow = { ...row, status, output };
  const completed = historyEvent.executionCompleted(at, status, output);
  return { ...commit, instance, messages: tellParent(instance), history: [...fresh, ...events, completed, end] };
};

/** Ends an instance from outside: at once, whatever it waits for. Its children and activities go on. */
export const terminateCommit = (
  row: InstanceRow,
  at: string,
  consumed: readonly number[],
  reason: string,
): TurnCommit => {
  const instance: InstanceRow = { ...row, status: "Terminated", output: reason, updatedAt: at };
  const history = [historyEvent.executionTerminated(at, reason)];
  return { ...base, instance, consumed, history, messages: tellParent(instance) };
};

/** Suspends or resumes: what comes in for a suspended instance waits in the task hub. */
export const pauseCommit = (
  row: InstanceRow,
  at: string,
  consumed: readonly number[],
  status: "Suspended" | "Running",
): TurnCommit => ({ ...base, instance: { ...row, status, updatedAt: at }, consumed });
