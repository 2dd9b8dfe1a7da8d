import { closeSync, mkdirSync, openSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { z } from "zod";

/** An object as Stripe's API shows it. */
export type Json = Readonly<Record<string, unknown>>;
const Body = z.record(z.string(), z.unknown());

const schema = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  PRAGMA busy_timeout = 2000;
  CREATE TABLE IF NOT EXISTS records (
    position INTEGER PRIMARY KEY, kind TEXT NOT NULL, id TEXT NOT NULL UNIQUE, customer TEXT, body TEXT NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS records_by_kind ON records (kind, customer);
  CREATE TABLE IF NOT EXISTS answers (key TEXT PRIMARY KEY, request TEXT NOT NULL, answer TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS deliveries (
    id INTEGER PRIMARY KEY, event TEXT NOT NULL, due INTEGER NOT NULL, attempts INTEGER NOT NULL DEFAULT 0
  ) STRICT;
`;

const parse = (text: unknown): Json => Body.parse(JSON.parse(String(text)));

const open = (dataDirectory: string): DatabaseSync => {
  mkdirSync(dataDirectory, { recursive: true });
  const file = join(dataDirectory, "stripe.sqlite");
  closeSync(openSync(file, "a", 0o600));
  const database = new DatabaseSync(file);
  database.exec(schema);
  return database;
};

const statements = (database: DatabaseSync) => {
  const upsert = database.prepare(
    "INSERT INTO records (kind, id, customer, body) VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET body = excluded.body",
  );
  const one = database.prepare("SELECT body FROM records WHERE kind = ? AND id = ?");
  const many = database.prepare(
    "SELECT body FROM records WHERE kind = ? AND (? IS NULL OR customer = ?) ORDER BY position DESC",
  );
  const answer = database.prepare("SELECT request, answer FROM answers WHERE key = ?");
  const keep = database.prepare("INSERT OR REPLACE INTO answers VALUES (?, ?, ?)");
  const fact = database.prepare("SELECT value FROM facts WHERE name = ?");
  const setFact = database.prepare("INSERT OR REPLACE INTO facts VALUES (?, ?)");
  const plan = database.prepare("INSERT INTO deliveries (event, due) VALUES (?, ?)");
  const due = database.prepare("SELECT id, event, attempts FROM deliveries WHERE due <= ? ORDER BY due, id LIMIT 50");
  const later = database.prepare("UPDATE deliveries SET due = ?, attempts = attempts + 1 WHERE id = ?");
  const done = database.prepare("DELETE FROM deliveries WHERE id = ?");
  const count = database.prepare("SELECT count(*) AS count FROM deliveries");
  return { upsert, one, many, answer, keep, fact, setFact, plan, due, later, done, count };
};

/** Everything the stand-in knows, in one SQLite file (0600). */
export const openRecords = (dataDirectory: string) => {
  const database = open(dataDirectory);
  const { upsert, one, many, answer, keep, fact, setFact, plan, due, later, done, count } = statements(database);
  return {
    put: (kind: string, id: string, body: Json): Json => {
      const { customer } = body;
      upsert.run(kind, id, typeof customer === "string" ? customer : null, JSON.stringify(body));
      return body;
    },
    find: (kind: string, id: string): Json | undefined => {
      const row = one.get(kind, id);
      return row === undefined ? undefined : parse(row["body"]);
    },
    /** Newest first. */
    list: (kind: string, customer: string | null = null): readonly Json[] =>
      many.all(kind, customer, customer).map((row) => parse(row["body"])),
    answered: (key: string) => {
      const row = answer.get(key);
      return row === undefined ? undefined : { request: String(row["request"]), body: parse(row["answer"]) };
    },
    keepAnswer: (key: string, request: string, body: Json): void => void keep.run(key, request, JSON.stringify(body)),
    fact: (name: string): string | undefined => {
      const row = fact.get(name);
      return row === undefined ? undefined : String(row["value"]);
    },
    setFact: (name: string, value: string): void => void setFact.run(name, value),
    planDelivery: (eventId: string, dueMilliseconds: number): void => void plan.run(eventId, dueMilliseconds),
    dueDeliveries: (nowMilliseconds: number) =>
      due.all(nowMilliseconds).map((row) => ({
        id: Number(row["id"]),
        event: String(row["event"]),
        attempts: Number(row["attempts"]),
      })),
    delayDelivery: (id: number, dueMilliseconds: number): void => void later.run(dueMilliseconds, id),
    endDelivery: (id: number): void => void done.run(id),
    countDeliveries: (): number => Number(count.get()?.["count"]),
    /** All or nothing. */
    atOnce: <T>(work: () => T): T => {
      database.exec("BEGIN IMMEDIATE");
      try {
        const result = work();
        database.exec("COMMIT");
        return result;
      } catch (error) {
        database.exec("ROLLBACK");
        throw error;
      }
    },
    close: (): void => database.close(),
  };
};
export type Records = ReturnType<typeof openRecords>;
