import type { DatabaseSync } from "node:sqlite";
import { parseMembers, type ContainerDefinition } from "../../documents/document-store.ts";

/**
 * A value as a column holds it. Columns have no affinity, so types stay apart, and SQLite sorts them as numbers, then
 * strings, then blobs: booleans become blobs so that `true` is not 1. Everything else is not indexed (null).
 */
export const columnValue = (value: unknown): string | number | Uint8Array | null => {
  if (typeof value === "string" || typeof value === "number") return value;
  return typeof value === "boolean" ? Uint8Array.of(Number(value)) : null;
};

/** The column that holds a member of the container's documents. */
export const columnOf = (definition: ContainerDefinition, member: string): string => {
  if (member === "id") return `"id"`;
  return member === definition.partitionKey ? `"partition"` : `"by_${member}"`;
};

/** Members with a column of their own beside id and partition. */
export const indexedMembers = ({ indexes, partitionKey }: ContainerDefinition): readonly string[] =>
  indexes.filter((member) => member !== "id" && member !== partitionKey);

/** The columns of a document's indexed members, in the order of `indexedMembers`. */
export const columnValues = (
  definition: ContainerDefinition,
  members: Readonly<Record<string, unknown>>,
): (string | number | Uint8Array | null)[] => indexedMembers(definition).map((member) => columnValue(members[member]));

/** Only of values that can be found: every comparison leaves null out, and most members are null in most documents. */
const createStatements = (definition: ContainerDefinition): string[] => {
  const table = definition.name;
  return indexedMembers(definition).flatMap((member) => {
    const column = columnOf(definition, member);
    const everywhere = `CREATE INDEX IF NOT EXISTS "${table}/${member}" ON "${table}" (${column}) WHERE ${column} IS NOT NULL`;
    // With one document per partition, an index inside the partition finds nothing that the primary key does not.
    if (definition.partitionKey === "id") return [everywhere];
    return [
      everywhere,
      `CREATE INDEX IF NOT EXISTS "${table}/partition/${member}" ON "${table}" ("partition", ${column}) WHERE ${column} IS NOT NULL`,
    ];
  });
};

const fillColumns = (database: DatabaseSync, definition: ContainerDefinition): void => {
  const members = indexedMembers(definition);
  const columns = members.map((member) => `${columnOf(definition, member)} = ?`).join(", ");
  const update = database.prepare(`UPDATE "${definition.name}" SET ${columns} WHERE rowid = ?`);
  for (const row of database.prepare(`SELECT rowid AS "row", "body" FROM "${definition.name}"`).all()) {
    update.run(...columnValues(definition, parseMembers(String(row["body"]))), Number(row["row"]));
  }
};

const presentMembers = (database: DatabaseSync, table: string): string[] =>
  database
    .prepare(`SELECT "name" FROM pragma_table_info(?) WHERE "name" LIKE 'by$_%' ESCAPE '$'`)
    .all(table)
    .map((row) => String(row["name"]).slice("by_".length));

/** Adds and fills the columns that the definition has and the table has not; drops those that it has not any more. */
const fitColumns = (database: DatabaseSync, definition: ContainerDefinition): void => {
  const table = definition.name;
  const present = presentMembers(database, table);
  const wanted = indexedMembers(definition);
  for (const member of present.filter((name) => !wanted.includes(name))) {
    database.exec(`DROP INDEX IF EXISTS "${table}/${member}"`);
    database.exec(`DROP INDEX IF EXISTS "${table}/partition/${member}"`);
    database.exec(`ALTER TABLE "${table}" DROP COLUMN "by_${member}"`);
  }
  const missing = wanted.filter((member) => !present.includes(member));
  for (const member of missing) database.exec(`ALTER TABLE "${table}" ADD COLUMN ${columnOf(definition, member)}`);
  if (missing.length > 0) fillColumns(database, definition);
};

/**
 * Makes the container's table, or fits its columns and indexes to a definition that has changed. A file belongs to one
 * release at a time: a column that this release would not keep up is dropped, so that none is ever out of date.
 */
export const openTable = (database: DatabaseSync, definition: ContainerDefinition): void => {
  database.exec("BEGIN IMMEDIATE");
  try {
    database.exec(
      `CREATE TABLE IF NOT EXISTS "${definition.name}"
         ("partition" NOT NULL, "id" NOT NULL, "etag" NOT NULL, "body" NOT NULL, PRIMARY KEY ("partition", "id"))`,
    );
    fitColumns(database, definition);
    for (const statement of createStatements(definition)) database.exec(statement);
    database.exec("COMMIT");
  } catch (error) {
    database.exec("ROLLBACK");
    throw error;
  }
};
