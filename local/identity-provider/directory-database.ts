import { closeSync, openSync } from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";

const schema = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  PRAGMA busy_timeout = 2000;
  CREATE TABLE IF NOT EXISTS organisations (id TEXT PRIMARY KEY, state TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS users (
    id TEXT PRIMARY KEY, org_id TEXT NOT NULL, email TEXT NOT NULL, name TEXT NOT NULL, password TEXT NOT NULL, state TEXT NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS grants (
    id TEXT PRIMARY KEY, user_id TEXT NOT NULL, org_id TEXT NOT NULL, roles TEXT NOT NULL, state TEXT NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS events (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    aggregate_type TEXT NOT NULL, aggregate_id TEXT NOT NULL, sequence INTEGER NOT NULL, type TEXT NOT NULL,
    resource_owner TEXT NOT NULL, payload TEXT, created_at TEXT NOT NULL, is_pending INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS events_by_aggregate ON events (aggregate_id, sequence);
  CREATE INDEX IF NOT EXISTS events_pending ON events (position) WHERE is_pending = 1;
`;

export interface LoggedEvent {
  readonly position: number;
  readonly aggregateType: string;
  readonly aggregateId: string;
  readonly sequence: number;
  readonly type: string;
  readonly resourceOwner: string;
  /** Undefined for events that carry nothing. */
  readonly payload: unknown;
  readonly createdAt: string;
}

export type NewEvent = Pick<LoggedEvent, "aggregateType" | "aggregateId" | "type" | "resourceOwner" | "payload">;

export interface EventSearch {
  readonly aggregateId?: string | undefined;
  readonly aggregateTypes?: readonly string[] | undefined;
  readonly eventTypes?: readonly string[] | undefined;
  readonly creationDate?: string | undefined;
  readonly asc: boolean;
  readonly limit: number;
}

/** SQLite with the state of people, organisations and grants, and the log of what happened to them. */
export interface DirectoryDatabase {
  readonly sql: DatabaseSync;
  /** All or nothing: the change and its events. */
  transact<T>(work: () => T): T;
  /** `isPending`: a target is to be called about it. */
  append(event: NewEvent, isPending: boolean): void;
  search(query: EventSearch): readonly LoggedEvent[];
  /** The oldest event of which no target has been told, marked as told: like Zitadel, nothing is told twice. */
  takePending(): LoggedEvent | undefined;
  close(): void;
}

/** Rows hold only what `append` wrote. */
const eventOf = (row: Record<string, unknown>): LoggedEvent => ({
  position: Number(row["position"]),
  aggregateType: String(row["aggregate_type"]),
  aggregateId: String(row["aggregate_id"]),
  sequence: Number(row["sequence"]),
  type: String(row["type"]),
  resourceOwner: String(row["resource_owner"]),
  payload: typeof row["payload"] === "string" ? (JSON.parse(row["payload"]) as unknown) : undefined,
  createdAt: String(row["created_at"]),
});

const placeholders = (values: readonly string[]): string => values.map(() => "?").join(", ");

/** Opens `directory.sqlite` (0600) in an existing directory. */
export const openDirectoryDatabase = (dataDirectory: string, now: () => Date): DirectoryDatabase => {
  const file = path.join(dataDirectory, "directory.sqlite");
  closeSync(openSync(file, "a", 0o600));
  const sql = new DatabaseSync(file);
  sql.exec(schema);
  const insert = sql.prepare(
    `INSERT INTO events (aggregate_type, aggregate_id, sequence, type, resource_owner, payload, created_at, is_pending)
     VALUES (:aggregateType, :aggregateId, (SELECT COUNT(*) + 1 FROM events WHERE aggregate_id = :aggregateId),
             :type, :resourceOwner, :payload, :createdAt, :isPending)`,
  );
  const take = sql.prepare(
    `UPDATE events SET is_pending = 0
     WHERE position = (SELECT MIN(position) FROM events WHERE is_pending = 1) RETURNING *`,
  );
  return {
    sql,
    transact: (work) => {
      sql.exec("BEGIN IMMEDIATE");
      try {
        const outcome = work();
        sql.exec("COMMIT");
        return outcome;
      } catch (error) {
        sql.exec("ROLLBACK");
        throw error;
      }
    },
    append: ({ payload, ...event }, isPending) => {
      insert.run({
        ...event,
        payload: payload === undefined ? null : JSON.stringify(payload),
        createdAt: now().toISOString(),
        isPending: isPending ? 1 : 0,
      });
    },
    search: ({ aggregateId, aggregateTypes = [], eventTypes = [], creationDate, asc, limit }) => {
      const conditions = [
        ...(aggregateId === undefined ? [] : ["aggregate_id = ?"]),
        ...(aggregateTypes.length === 0 ? [] : [`aggregate_type IN (${placeholders(aggregateTypes)})`]),
        ...(eventTypes.length === 0 ? [] : [`type IN (${placeholders(eventTypes)})`]),
        ...(creationDate === undefined ? [] : [asc ? "created_at >= ?" : "created_at <= ?"]),
      ];
      const values = [
        ...(aggregateId === undefined ? [] : [aggregateId]),
        ...aggregateTypes,
        ...eventTypes,
        ...(creationDate === undefined ? [] : [new Date(creationDate).toISOString()]),
      ];
      const where = conditions.length === 0 ? "" : `WHERE ${conditions.join(" AND ")}`;
      const order = asc ? "ASC" : "DESC";
      const query = sql.prepare(`SELECT * FROM events ${where} ORDER BY position ${order} LIMIT ?`);
      return query.all(...values, limit).map(eventOf);
    },
    takePending: () => {
      const row = take.get();
      return row === undefined ? undefined : eventOf(row);
    },
    close: () => sql.close(),
  };
};
