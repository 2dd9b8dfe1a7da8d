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

interface Arrival {
  readonly id: number;
  readonly executionId: string | null;
  readonly event: HistoryEvent;
}

const isStart = ({ event }: Arrival): boolean => event.EventType === eventType.executionStarted;

const compare = (one: string | number, other: string | number): number => {
  if (one === other) return 0;
  return one < other ? -1 : 1;
};

/**
 * The start of an execution first: an event may have been sent before it. Then in the order in which things happened,
 * which is not that of the ids: a timer's message is written when the timer is made, and what continueAsNew carries
 * over is written after events that came during the turn. In one millisecond, what is carried over was first.
 */
const inOrder = (one: Arrival, other: Arrival): number =>
  Number(isStart(other)) - Number(isStart(one)) ||
  compare(one.event.Timestamp, other.event.Timestamp) ||
  Number(one.executionId === null) - Number(other.executionId === null) ||
  compare(one.id, other.id);

/** Sorts an instance's due messages by what is to be done with them, and its events by time. */
export const sortInbox = (row: InstanceRow | undefined, messages: readonly StoredEnvelope[]): Inbox => {
  const staleIds: number[] = [];
  const controls: Control[] = [];
  const arrivals: Arrival[] = [];
  for (const { id, executionId, message } of messages) {
    const isStale = executionId !== null && executionId !== row?.executionId;
    if (row === undefined || isTerminal(row.status) || isStale) staleIds.push(id);
    else if (message.kind === "event") arrivals.push({ id, executionId, event: message.event });
    else controls.push({ id, kind: message.kind, reason: message.reason });
  }
  arrivals.sort(inOrder);
  return { staleIds, controls, events: arrivals.map(({ event }) => event), eventIds: arrivals.map(({ id }) => id) };
};
