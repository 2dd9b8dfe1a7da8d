import type { Completion, Decision, TurnResult } from "../engine/orchestration-protocol.ts";
import type { HistoryEvent } from "../history/history-event.ts";
import { eventType, numberOf, textOf } from "../history/history-event.ts";
import type { OrchestratorOutput } from "./orchestrator-output.ts";
import type { ReplayState } from "./program.ts";
import { runProgram } from "./program.ts";

export type ReplayResult = Pick<TurnResult, "decisions" | "completion">;

const kindOfEvent: Readonly<Record<number, Decision["kind"]>> = {
  [eventType.taskScheduled]: "activity",
  [eventType.timerCreated]: "timer",
  [eventType.subOrchestrationInstanceCreated]: "sub-orchestration",
};

/** A decision in history must be one that the code still makes. @throws Error when the code decides differently now */
const confirm = (state: ReplayState, event: HistoryEvent, kind: Decision["kind"]): void => {
  const decision = state.undecided.get(event.EventId);
  const name = textOf(event, "Name");
  const isSame = decision?.kind === kind && (decision.kind === "timer" || decision.name === name);
  if (!isSame) {
    const found = decision === undefined ? "nothing" : `${decision.kind} ${"name" in decision ? decision.name : ""}`;
    const wanted = `${kind} ${name ?? ""}`.trimEnd();
    throw new Error(
      `Non-Deterministic workflow detected: history has ${wanted} with id ${event.EventId}, the code asks for ${found.trimEnd()} there.`,
    );
  }
  state.undecided.delete(event.EventId);
};

const settle = (state: ReplayState, id: number, isFailed: boolean): void => {
  const future = state.open.get(id);
  state.open.delete(id);
  future?.settle(isFailed);
};

const raise = (state: ReplayState, event: HistoryEvent): void => {
  if (state.continueAsNew !== undefined) {
    state.carriedOver.push(event);
    return;
  }
  const key = (textOf(event, "Name") ?? "").toLowerCase();
  const [newest, ...others] = state.waiters.get(key) ?? [];
  if (newest === undefined) {
    state.unconsumed.push(key);
    return;
  }
  state.waiters.set(key, others);
  newest.settle();
};

const apply = (state: ReplayState, event: HistoryEvent, begin: () => void): void => {
  const kind = kindOfEvent[event.EventType];
  if (kind !== undefined) {
    confirm(state, event, kind);
    return;
  }
  switch (event.EventType) {
    case eventType.orchestratorStarted:
      state.now = Math.max(state.now, new Date(event.Timestamp).getTime());
      break;
    case eventType.executionStarted:
      begin();
      break;
    case eventType.taskCompleted:
    case eventType.subOrchestrationInstanceCompleted:
      settle(state, numberOf(event, "TaskScheduledId"), false);
      break;
    case eventType.taskFailed:
    case eventType.subOrchestrationInstanceFailed:
      settle(state, numberOf(event, "TaskScheduledId"), true);
      break;
    case eventType.timerFired:
      settle(state, numberOf(event, "TimerId"), false);
      break;
    case eventType.eventRaised:
      raise(state, event);
      break;
  }
};

const completionOf = (state: ReplayState, output: OrchestratorOutput, hasEnded: boolean): Completion | undefined => {
  // What still runs may not be left behind: an execution ends only when nothing of it is open.
  if (!hasEnded || state.open.size > 0) return undefined;
  if (output.error !== undefined) return { kind: "failed", reason: output.error };
  if (state.continueAsNew !== undefined) {
    return {
      kind: "continued-as-new",
      inputJson: state.continueAsNew.inputJson,
      carriedOver: state.carriedOver,
    };
  }
  return output.isDone ? { kind: "completed", resultJson: output.outputJson } : undefined;
};

/**
 * Finds out which decisions of an orchestrator are new, as the Durable extension does: its actions are run again as a
 * program against history, tasks are numbered by one counter, and what history does not confirm is new. The SDK numbers
 * its tasks by the same rules; inventing other ids here would hide what goes wrong in Azure (OutOfProcOrchestrationShim).
 * @throws Error for a non-deterministic orchestrator and for what is not supported locally
 */
export const replay = (history: readonly HistoryEvent[], output: OrchestratorOutput): ReplayResult => {
  const state: ReplayState = {
    now: 0,
    open: new Map(),
    undecided: new Map(),
    nextId: 0,
    waiters: new Map(),
    unconsumed: [],
    continueAsNew: undefined,
    carriedOver: [],
  };
  let hasEnded = false;
  const begin = (): void => runProgram(state, output.actions, () => (hasEnded = true));
  for (const event of history) apply(state, event, begin);
  return { decisions: [...state.undecided.values()], completion: completionOf(state, output, hasEnded) };
};
