import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import type { ZodType } from "zod";
import { type StoredFaultRule, StoredFaultRules } from "./fault-rules.ts";
import { DeploymentRecord, GroupRecord, InstanceRecord } from "./records.ts";

/** The records of one kind, by key. Every write is on disk when the call returns. */
interface Records<T> {
  get(key: string): T | undefined;
  put(key: string, record: T): void;
  delete(key: string): void;
  list(): readonly (readonly [key: string, record: T])[];
}

/** Everything the manager knows; it survives `kill -9`. */
export interface State {
  readonly groups: Records<GroupRecord>;
  readonly deployments: Records<DeploymentRecord>;
  readonly instances: Records<InstanceRecord>;
  readonly faults: Records<readonly StoredFaultRule[]>;
  close(): void;
}

interface Statements {
  readonly get: StatementSync;
  readonly put: StatementSync;
  readonly delete: StatementSync;
  readonly list: StatementSync;
}

const recordsOf = <T>(statements: Statements, kind: string, schema: ZodType<T>): Records<T> => {
  const parse = (row: Record<string, unknown>): T => schema.parse(JSON.parse(String(row["json"])));
  return {
    get: (key) => {
      const row = statements.get.get(kind, key);
      return row === undefined ? undefined : parse(row);
    },
    put: (key, record) => void statements.put.run(kind, key, JSON.stringify(record)),
    delete: (key) => void statements.delete.run(kind, key),
    list: () => statements.list.all(kind).map((row) => [String(row["key"]), parse(row)] as const),
  };
};

/** Opens `<dataDirectory>/state.db` for this process alone. @throws Error when another manager has it open */
export const openState = (dataDirectory: string): State => {
  mkdirSync(dataDirectory, { recursive: true });
  const database = new DatabaseSync(join(dataDirectory, "state.db"));
  try {
    // Exclusive: two managers would start two PocketBases on one data directory. The wait is for one that is just ending.
    database.exec("PRAGMA busy_timeout = 5000; PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL;");
    database.exec(
      "CREATE TABLE IF NOT EXISTS records (kind TEXT, key TEXT, json TEXT NOT NULL, PRIMARY KEY (kind, key)) STRICT",
    );
  } catch (error) {
    database.close();
    throw new Error(`another resource manager works on ${dataDirectory}, or its state is damaged`, { cause: error });
  }
  const statements: Statements = {
    get: database.prepare("SELECT json FROM records WHERE kind = ? AND key = ?"),
    put: database.prepare("INSERT OR REPLACE INTO records (kind, key, json) VALUES (?, ?, ?)"),
    delete: database.prepare("DELETE FROM records WHERE kind = ? AND key = ?"),
    list: database.prepare("SELECT key, json FROM records WHERE kind = ? ORDER BY key"),
  };
  return {
    groups: recordsOf(statements, "group", GroupRecord),
    deployments: recordsOf(statements, "deployment", DeploymentRecord),
    instances: recordsOf(statements, "instance", InstanceRecord),
    faults: recordsOf<readonly StoredFaultRule[]>(statements, "faults", StoredFaultRules),
    close: () => database.close(),
  };
};
