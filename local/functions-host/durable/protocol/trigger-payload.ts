import type { OrchestratorTurn } from "../engine/orchestration-protocol.ts";
import type { HistoryEvent } from "../history/history-event.ts";

/** History is sent whole in every turn, so the text of an event that stays in memory is made only once. */
const textOfPlayed = new WeakMap<HistoryEvent, string>();

const playedText = (event: HistoryEvent): string => {
  const known = textOfPlayed.get(event);
  if (known !== undefined) return known;
  const text = JSON.stringify({ ...event, IsPlayed: true });
  textOfPlayed.set(event, text);
  return text;
};

/** The JSON of an orchestrator trigger (schema V3, as the extension sends it; see OutOfProcOrchestrationShim.cs). */
export const orchestratorTriggerPayload = (turn: OrchestratorTurn): string => {
  const events = [...turn.past.map(playedText), ...turn.fresh.map((event) => JSON.stringify(event))];
  const others = JSON.stringify({
    instanceId: turn.instanceId,
    parentInstanceId: turn.parentInstanceId,
    isReplaying: turn.past.length > 0,
    upperSchemaVersion: 1,
    upperSchemaVersionNew: 2,
    maximumShortTimerDuration: "6.00:00:00",
    longRunningTimerIntervalDuration: "3.00:00:00",
    defaultHttpAsyncRequestSleepTimeMillseconds: 30_000,
  });
  return `{"history":[${events.join(",")}],"input":${turn.inputJson ?? "null"},${others.slice(1)}`;
};
