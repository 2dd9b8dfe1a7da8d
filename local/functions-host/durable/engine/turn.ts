import { randomUUID } from "node:crypto";
import type { HistoryEvent, Started } from "../protocol/history-event.ts";
import { eventType, historyEvent, textOf } from "../protocol/history-event.ts";
import type { Decision } from "../protocol/program.ts";
import type { Completion, ReplayResult } from "../protocol/replay.ts";
import type { ActivityMessage, Envelope, InstanceRow, RuntimeStatus, TurnCommit } from "../store/records.ts";
import { parentOf } from "../store/records.ts";

/** What a turn works on: the row, the history it had, the events that are new, and the messages they came from. */
export interface TurnInput {
  readonly row: InstanceRow;
  readonly at: string;
  readonly newEvents: readonly HistoryEvent[];
  readonly consumed: readonly number[];
  readonly customStatusJson: string | null;
}

const jsonText = (value: unknown): string | null => (value === undefined ? null : JSON.stringify(value));

/** An activity is given a text as it is (it is JSON already), anything else as JSON, and `{}` for nothing. */
const activityInput = (input: unknown): string => {
  if (input === undefined) return "{}";
  return typeof input === "string" ? input : JSON.stringify(input);
};

interface Effects {
  readonly events: HistoryEvent[];
  readonly messages: Envelope[];
  readonly activities: ActivityMessage[];
  readonly children: Started[];
}

const enact = (decision: Decision, { row, at }: TurnInput, effects: Effects): void => {
  const { instanceId, executionId } = row;
  switch (decision.kind) {
    case "task":
      effects.events.push(historyEvent.taskScheduled(at, decision.id, decision.name));
      effects.activities.push({
        ...{ instanceId, executionId, taskId: decision.id, name: decision.name },
        input: activityInput(decision.input),
      });
      break;
    case "timer": {
      effects.events.push(historyEvent.timerCreated(at, decision.id, decision.fireAt));
      const event = historyEvent.timerFired(decision.fireAt, decision.id, decision.fireAt);
      const visibleAt = new Date(decision.fireAt).getTime();
      effects.messages.push({ instanceId, executionId, visibleAt, message: { kind: "event", event } });
      break;
    }
    case "sub-orchestration": {
      const childId = decision.instanceId ?? `${executionId}:${decision.id}`;
      effects.events.push(historyEvent.subCreated(at, decision.id, decision.name, childId));
      effects.children.push({
        ...{ instanceId: childId, executionId: randomUUID(), name: decision.name, version: "" },
        input: jsonText(decision.input),
        parent: {
          Name: row.name,
          OrchestrationInstance: { InstanceId: instanceId, ExecutionId: executionId },
          TaskScheduleId: decision.id,
          Version: row.version,
        },
      });
      break;
    }
  }
};

/** The message that tells a parent how its child ended. */
export const tellParent = (row: InstanceRow, at: string, status: RuntimeStatus, output: string | null): Envelope[] => {
  const parent = parentOf(row);
  if (parent === null) return [];
  const { InstanceId: instanceId, ExecutionId: executionId } = parent.OrchestrationInstance;
  const event =
    status === "Completed"
      ? historyEvent.subCompleted(at, parent.TaskScheduleId, output)
      : historyEvent.subFailed(at, parent.TaskScheduleId, output ?? `The orchestration ended ${status}.`, "");
  return [{ instanceId, executionId, visibleAt: 0, message: { kind: "event", event } }];
};

/** Events that came in this turn and that nobody has waited for yet move on to the next execution. */
const carriedOver = (newEvents: readonly HistoryEvent[], unconsumed: readonly string[]): readonly HistoryEvent[] => {
  const left = [...unconsumed];
  return newEvents
    .toReversed()
    .filter((event) => {
      if (event.EventType !== eventType.eventRaised) return false;
      const position = left.indexOf((textOf(event, "Name") ?? "").toLowerCase());
      if (position >= 0) left.splice(position, 1);
      return position >= 0;
    })
    .toReversed();
};

const continueAsNew = (turn: TurnInput, completion: Extract<Completion, { kind: "continued-as-new" }>): TurnCommit => {
  const { row, at, newEvents, consumed, customStatusJson } = turn;
  const executionId = randomUUID();
  const input = jsonText(completion.input);
  const { instanceId, name, version } = row;
  const started = historyEvent.executionStarted(at, {
    instanceId,
    executionId,
    name,
    version,
    input,
    parent: parentOf(row),
  });
  const events = [started, ...carriedOver(newEvents, completion.unconsumed)];
  return {
    instance: { ...row, executionId, inputJson: input, status: "Running", updatedAt: at, customStatusJson },
    consumed,
    history: [],
    isNewExecution: true,
    messages: events.map((event) => ({ instanceId, executionId, visibleAt: 0, message: { kind: "event", event } })),
    activities: [],
    children: [],
  };
};

/** Turns what the orchestrator decided into everything that one transaction writes. */
export const commitOf = (turn: TurnInput, { decisions, completion }: ReplayResult): TurnCommit => {
  const { row, at, newEvents, consumed, customStatusJson } = turn;
  if (completion?.kind === "continued-as-new") return continueAsNew(turn, completion);
  const effects: Effects = { events: [], messages: [], activities: [], children: [] };
  for (const decision of decisions) enact(decision, turn, effects);
  const instance: InstanceRow = { ...row, status: "Running", updatedAt: at, customStatusJson };
  const end = historyEvent.orchestratorCompleted(at);
  const base = { consumed, isNewExecution: false, activities: effects.activities, children: effects.children };
  if (completion === undefined) {
    return { ...base, instance, messages: effects.messages, history: [...newEvents, ...effects.events, end] };
  }
  const status: RuntimeStatus = completion.kind === "completed" ? "Completed" : "Failed";
  const output = completion.kind === "completed" ? completion.result : completion.reason;
  const completed = historyEvent.executionCompleted(at, status, output);
  return {
    ...base,
    instance: { ...instance, status, output },
    messages: [...effects.messages, ...tellParent(row, at, status, output)],
    history: [...newEvents, ...effects.events, completed, end],
  };
};
