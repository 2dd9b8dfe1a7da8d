import { randomUUID } from "node:crypto";
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import type { DatabaseSync, StatementSync } from "node:sqlite";
import {
  checkDefinition,
  checkQuery,
  DocumentChanged,
  DocumentConflict,
  isDocumentKey,
  toStorable,
  type ContainerDefinition,
  type Document,
  type DocumentContainer,
  type DocumentStore,
  type Stored,
} from "../../documents/document-store.ts";
import { answer, isBusy } from "./failure.ts";
import type { GroupWrites } from "./group-writes.ts";
import { groupWrites } from "./group-writes.ts";
import { selectFor } from "./select.ts";
import { columnOf, columnValues, indexedMembers, openTable } from "./table.ts";

const busyTimeoutMilliseconds = 10_000;
const createsPerStatistics = 500;
const enterAttemptsMax = 500;
const enterPauseMilliseconds = 20;

const hasDatabase = (module: object | undefined): module is { DatabaseSync: typeof DatabaseSync } =>
  module !== undefined && "DatabaseSync" in module;

/** Processes that open a new file at the same moment: SQLite does not wait by itself in this one step, so we do. */
const enterWriteAheadLog = (database: DatabaseSync): void => {
  for (let attempt = 1; ; attempt += 1) {
    try {
      database.exec("PRAGMA journal_mode = WAL");
      return;
    } catch (error) {
      if (!isBusy(error) || attempt === enterAttemptsMax) throw error;
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, enterPauseMilliseconds);
  }
};

/**
 * Loaded on demand and past the bundler: deployments on Cosmos run this module's bundle too, on any version of Node.
 * @throws Error on a Node without SQLite
 */
const openDatabase = (file: string): DatabaseSync => {
  const sqlite: object | undefined = process.getBuiltinModule("node:sqlite");
  if (!hasDatabase(sqlite)) throw new Error(`The SQLite store needs Node 22.13 or newer; this is ${process.version}.`);
  if (file !== ":memory:") mkdirSync(dirname(file), { recursive: true });
  const database = new sqlite.DatabaseSync(file, { timeout: busyTimeoutMilliseconds });
  enterWriteAheadLog(database);
  // FULL syncs the log at each commit: what is acknowledged (a webhook, a token used up) survives a power cut as well.
  database.exec("PRAGMA synchronous = FULL");
  return database;
};

const newEtag = (): string => `"${randomUUID()}"`;

// Each write is one statement, in a transaction: no other process can come between its check and its change.
const prepareStatements = (database: DatabaseSync, definition: ContainerDefinition) => {
  const table = definition.name;
  const columns = indexedMembers(definition).map((member) => columnOf(definition, member));
  const written = [`"etag"`, `"body"`, ...columns];
  const names = [...written, `"partition"`, `"id"`];
  const key = `"partition" = ? AND "id" = ?`;
  return {
    insert: database.prepare(
      `INSERT INTO "${table}" (${names.join(", ")}) VALUES (${names.map(() => "?").join(", ")})
         ON CONFLICT ("partition", "id") DO NOTHING`,
    ),
    update: database.prepare(
      `UPDATE "${table}" SET ${written.map((name) => `${name} = ?`).join(", ")} WHERE ${key} AND "etag" = ?`,
    ),
    select: database.prepare(`SELECT "body", "etag" FROM "${table}" WHERE ${key}`),
    remove: database.prepare(`DELETE FROM "${table}" WHERE ${key} AND "etag" = ?`),
  };
};

/**
 * Without statistics SQLite takes every equality for a rare one and sorts thousands of rows for a page of 50. `optimize`
 * samples a table only when it has grown tenfold, so that asking often costs next to nothing.
 */
const statisticsKeeper = (database: DatabaseSync): (() => void) => {
  let creates = 0;
  return () => {
    creates += 1;
    if (creates % createsPerStatistics === 0) database.exec("PRAGMA optimize = 0x10002");
  };
};

interface OpenFile {
  readonly database: DatabaseSync;
  readonly writes: GroupWrites;
}

const sqliteContainer = <T extends Document>(
  { database, writes }: OpenFile,
  definition: ContainerDefinition,
  parse: (raw: unknown) => T,
): DocumentContainer<T> => {
  checkDefinition(definition);
  openTable(database, definition);
  const table = definition.name;
  const beforeCreate = statisticsKeeper(database);
  const { insert, update, select, remove } = prepareStatements(database, definition);
  const queries = new Map<string, StatementSync>();

  const stored = (row: Record<string, unknown>): Stored<T> => ({
    value: parse(JSON.parse(String(row["body"]))),
    etag: String(row["etag"]),
  });
  const prepareOnce = (sql: string): StatementSync => {
    const statement = queries.get(sql) ?? database.prepare(sql);
    queries.set(sql, statement);
    return statement;
  };

  return {
    create: (document) =>
      writes.write(() => {
        const { partition, members, body } = toStorable(definition, document);
        const next = { value: parse(members), etag: newEtag() };
        beforeCreate();
        const { changes } = insert.run(next.etag, body, ...columnValues(definition, members), partition, document.id);
        if (changes === 0) throw new DocumentConflict(`The id ${document.id} is taken in ${table}.`);
        return next;
      }),
    read: (partition, id) =>
      answer(() => {
        const row = isDocumentKey(partition, id) ? select.get(partition, id) : undefined;
        return row === undefined ? undefined : stored(row);
      }),
    replace: (document, etag) =>
      writes.write(() => {
        const { partition, members, body } = toStorable(definition, document);
        const next = { value: parse(members), etag: newEtag() };
        const values = columnValues(definition, members);
        const { changes } = update.run(next.etag, body, ...values, partition, document.id, etag);
        if (changes === 0) throw new DocumentChanged(`The document ${document.id} of ${table} has changed or is gone.`);
        return next;
      }),
    delete: (partition, id, etag) =>
      writes.write(() => {
        if (!isDocumentKey(partition, id) || remove.run(partition, id, etag).changes > 0) return;
        if (select.get(partition, id) === undefined) return;
        throw new DocumentChanged(`The document ${id} of ${table} has changed.`);
      }),
    query: (query) =>
      answer(() => {
        checkQuery(definition, query);
        const { sql, values } = selectFor(definition, query);
        return prepareOnce(sql)
          .all(...values)
          .map(stored);
      }),
  };
};

/**
 * Documents in one SQLite file (or `:memory:`): a table for each container. Several processes may use the file at once;
 * writers wait for each other up to 10 s, then fail as `unavailable`.
 * @throws Error when the file cannot be opened
 */
export const sqliteDocumentStore = (file: string): DocumentStore => {
  const database = openDatabase(file);
  const open: OpenFile = { database, writes: groupWrites(database) };
  return {
    container: (definition, parse) => sqliteContainer(open, definition, parse),
    close: () =>
      answer(() => {
        open.writes.flush();
        if (database.isOpen) database.close();
      }),
  };
};
