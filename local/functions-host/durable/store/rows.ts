import type { HistoryEvent, ParentInstance } from "../history/history-event.ts";
import type {
  ActivityMessage,
  InstanceRow,
  RuntimeStatus,
  StoredActivity,
  StoredEnvelope,
  TurnMessage,
} from "./records.ts";

type Row = Record<string, unknown>;

interface StoredBody {
  readonly event: HistoryEvent;
  readonly parent: ParentInstance;
  readonly message: TurnMessage;
  readonly activity: ActivityMessage;
}

/** Reads back what this store wrote itself under the same schema version: nobody else writes the file. */
const stored = <K extends keyof StoredBody>(_kind: K, column: unknown): StoredBody[K] =>
  JSON.parse(String(column)) as StoredBody[K];

const textOrNull = (value: unknown): string | null => (typeof value === "string" ? value : null);

export const toInstance = (row: Row): InstanceRow => ({
  instanceId: String(row["instance_id"]),
  executionId: String(row["execution_id"]),
  name: String(row["name"]),
  version: String(row["version"]),
  inputJson: textOrNull(row["input"]),
  // The column is written from RuntimeStatus only.
  status: String(row["status"]) as RuntimeStatus,
  output: textOrNull(row["output"]),
  customStatusJson: textOrNull(row["custom_status"]),
  createdAt: String(row["created_at"]),
  updatedAt: String(row["updated_at"]),
  parent: row["parent"] === null ? null : stored("parent", row["parent"]),
});

/** In the order of the columns of `instance`. */
export const fromInstance = (row: InstanceRow): (string | null)[] => [
  ...[row.instanceId, row.executionId, row.name, row.version, row.inputJson, row.status, row.output],
  ...[row.customStatusJson, row.createdAt, row.updatedAt],
  row.parent === null ? null : JSON.stringify(row.parent),
];

export const toEvent = (row: Row): HistoryEvent => stored("event", row["event"]);

export const toEnvelope = (row: Row): StoredEnvelope => ({
  id: Number(row["id"]),
  instanceId: String(row["instance_id"]),
  executionId: textOrNull(row["execution_id"]),
  visibleAt: Number(row["visible_at"]),
  message: stored("message", row["body"]),
});

export const toActivity = (row: Row): StoredActivity => ({
  ...stored("activity", row["body"]),
  id: Number(row["id"]),
});
