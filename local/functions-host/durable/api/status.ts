import type { HistoryEvent } from "../history/history-event.ts";
import { eventType, numberOf, textOf } from "../history/history-event.ts";
import type { InstanceRow } from "../store/records.ts";

/** A stored text that is JSON is shown as its value, any other text as it is. */
const parsed = (text: string | null): unknown => {
  if (text === null || text === "") return null;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
};

const wholeSeconds = (iso: string): string => iso.replace(/\.\d+Z$/, "Z");

/** Status as the management API shows it. `input` and `output` are always there: the SDK throws otherwise. */
export const statusOf = (row: InstanceRow, withInput: boolean): Record<string, unknown> => ({
  name: row.name,
  instanceId: row.instanceId,
  runtimeStatus: row.status,
  input: withInput ? parsed(row.inputJson) : null,
  customStatus: parsed(row.customStatusJson),
  output: row.status === "Completed" ? parsed(row.output) : row.output,
  createdTime: wholeSeconds(row.createdAt),
  lastUpdatedTime: wholeSeconds(row.updatedAt),
});

const nameOfType: Readonly<Record<number, string>> = Object.fromEntries(
  Object.entries(eventType).map(([name, number]) => [number, name.charAt(0).toUpperCase() + name.slice(1)]),
);

/** History for people: scheduled and created events are merged into what ended them, turn marks are left out. */
export const historyOf = (events: readonly HistoryEvent[], withOutput: boolean): readonly Record<string, unknown>[] => {
  const scheduled = new Map(
    events
      .filter(({ EventType }) =>
        ([eventType.taskScheduled, eventType.subOrchestrationInstanceCreated] as number[]).includes(EventType),
      )
      .map((event) => [event.EventId, event]),
  );
  const hidden: readonly number[] = [
    ...[eventType.orchestratorStarted, eventType.orchestratorCompleted],
    ...[eventType.taskScheduled, eventType.subOrchestrationInstanceCreated, eventType.timerCreated],
  ];
  return events
    .filter(({ EventType }) => !hidden.includes(EventType))
    .map((event) => {
      const { EventType, EventId: _id, IsPlayed: _played, Result, Input: _input, ...rest } = event;
      const begun = scheduled.get(numberOf(event, "TaskScheduledId"));
      return {
        ...rest,
        EventType: nameOfType[EventType] ?? String(EventType),
        ...(begun === undefined ? {} : { ScheduledTime: begun.Timestamp, FunctionName: textOf(begun, "Name") }),
        ...(withOutput && typeof Result === "string" ? { Result: parsed(Result) } : {}),
      };
    });
};
