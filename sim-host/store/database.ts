import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { migrations } from "./migrations.ts";

const busyTimeoutMilliseconds = 10_000;

/** Runs `act` whole or not at all; inside another one it is part of that. */
export type InTransaction = <T>(act: () => T) => T;

export interface Database {
  readonly sql: DatabaseSync;
  readonly inTransaction: InTransaction;
  close(): void;
}

const transactionsOf = (sql: DatabaseSync): InTransaction => {
  let isOpen = false;
  return (act) => {
    if (isOpen) return act();
    sql.exec("BEGIN IMMEDIATE");
    isOpen = true;
    try {
      const result = act();
      sql.exec("COMMIT");
      return result;
    } catch (error) {
      sql.exec("ROLLBACK");
      throw error;
    } finally {
      isOpen = false;
    }
  };
};

/** Each step in a transaction with its number, so that a kill in between leaves the schema whole. */
const migrate = (sql: DatabaseSync, inTransaction: InTransaction): void => {
  inTransaction(() => {
    const version = Number(sql.prepare("PRAGMA user_version").get()?.["user_version"]);
    if (version > migrations.length) {
      throw new Error(
        `The database is of a newer release (schema ${version}, this one knows ${migrations.length}). Run that release.`,
      );
    }
    for (const [index, step] of migrations.entries()) if (index >= version) sql.exec(step);
    sql.exec(`PRAGMA user_version = ${migrations.length}`);
  });
};

/**
 * Opens the host's database, made or brought to this release's schema. What is committed survives a kill of the process
 * and of the machine. `:memory:` for tests. @throws Error when the file is of a newer release
 */
export const openDatabase = (file: string): Database => {
  if (file !== ":memory:") mkdirSync(dirname(file), { recursive: true });
  const sql = new DatabaseSync(file, { timeout: busyTimeoutMilliseconds, enableForeignKeyConstraints: true });
  sql.exec("PRAGMA journal_mode = WAL");
  sql.exec("PRAGMA synchronous = FULL");
  const inTransaction = transactionsOf(sql);
  migrate(sql, inTransaction);
  return { sql, inTransaction, close: () => sql.close() };
};
