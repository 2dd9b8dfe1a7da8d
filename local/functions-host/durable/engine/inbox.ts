import type { HistoryEvent } from "../history/history-event.ts";
import { eventType } from "../history/history-event.ts";
import type { InstanceRow, StoredEnvelope } from "../store/records.ts";
import { isTerminal } from "../store/records.ts";

interface Control {
  readonly id: number;
  readonly kind: "terminate" | "suspend" | "resume";
  readonly reason: string;
}

/** An instance's due messages, sorted by what is to be done with them. */
export interface Inbox {
  /** For an execution that is over, or for nobody. */
  readonly staleIds: readonly number[];
  readonly controls: readonly Control[];
  readonly events: readonly HistoryEvent[];
  readonly eventIds: readonly number[];
}

const isStart = (event: HistoryEvent): boolean => event.EventType === eventType.executionStarted;

/** Sorts messages. An event may have been sent before the execution that takes it began: its start comes first. */
export const sortInbox = (row: InstanceRow | undefined, messages: readonly StoredEnvelope[]): Inbox => {
  const staleIds: number[] = [];
  const eventIds: number[] = [];
  const controls: Control[] = [];
  const events: HistoryEvent[] = [];
  for (const { id, executionId, message } of messages) {
    const isStale = executionId !== null && executionId !== row?.executionId;
    if (row === undefined || isTerminal(row.status) || isStale) staleIds.push(id);
    else if (message.kind !== "event") controls.push({ id, kind: message.kind, reason: message.reason });
    else {
      eventIds.push(id);
      events.push(message.event);
    }
  }
  const start = events.filter(isStart);
  const others = events.filter((event) => !isStart(event));
  return { staleIds, controls, events: [...start, ...others], eventIds };
};
