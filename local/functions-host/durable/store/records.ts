import type { HistoryEvent, ParentInstance, Started } from "../history/history-event.ts";

export type RuntimeStatus = "Pending" | "Running" | "Suspended" | "Completed" | "Failed" | "Terminated";

/** One orchestration as stored. Texts named Json are JSON; instants are ISO 8601 UTC. */
export interface InstanceRow {
  readonly instanceId: string;
  readonly executionId: string;
  readonly name: string;
  readonly version: string;
  readonly inputJson: string | null;
  readonly status: RuntimeStatus;
  /** JSON of a result, the plain text of a failure, or the reason of a termination. */
  readonly output: string | null;
  readonly customStatusJson: string | null;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly parent: ParentInstance | null;
}

/** What an instance is told. A message for one execution is dropped when that execution is over. */
export type TurnMessage =
  | { readonly kind: "event"; readonly event: HistoryEvent }
  | { readonly kind: "terminate" | "suspend" | "resume"; readonly reason: string };

export interface Envelope {
  readonly instanceId: string;
  /** Null: for whichever execution is the current one. */
  readonly executionId: string | null;
  /** Milliseconds since 1970; not delivered before. */
  readonly visibleAt: number;
  readonly message: TurnMessage;
}

export interface StoredEnvelope extends Envelope {
  readonly id: number;
}

export interface ActivityMessage {
  readonly instanceId: string;
  readonly executionId: string;
  readonly taskId: number;
  readonly name: string;
  /** What the activity is given, as text. */
  readonly input: string;
}

export interface StoredActivity extends ActivityMessage {
  readonly id: number;
}

/** A sub-orchestration to create: what it is told first, and what its parent is told instead when the id is in use. */
export interface NewChild {
  readonly started: Started;
  readonly first: HistoryEvent;
  readonly refusal: Envelope;
}

/** Everything one turn changes; written in one transaction. */
export interface TurnCommit {
  readonly instance: InstanceRow;
  readonly consumed: readonly number[];
  /** Added to the history, or the whole of it when the execution is a new one. */
  readonly history: readonly HistoryEvent[];
  readonly isNewExecution: boolean;
  readonly messages: readonly Envelope[];
  readonly activities: readonly ActivityMessage[];
  readonly children: readonly NewChild[];
}

/** Instants are ISO 8601 UTC; `after` is the last id of the page before. */
export interface InstanceFilter {
  readonly createdFrom?: string;
  readonly createdTo?: string;
  readonly statuses?: readonly string[];
  readonly prefix?: string;
  readonly after?: string;
  readonly limit: number;
}

export const isTerminal = (status: RuntimeStatus): boolean =>
  status === "Completed" || status === "Failed" || status === "Terminated";
