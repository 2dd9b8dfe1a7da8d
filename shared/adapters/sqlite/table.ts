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

const createStatements = (definition: ContainerDefinition): string[] => {
  const table = definition.name;
  return indexedMembers(definition).flatMap((member) => {
    const column = columnOf(definition, member);
    const everywhere = `CREATE INDEX IF NOT EXISTS "${table}/${member}" ON "${table}" (${column})`;
    // With one document per partition, an index inside the partition finds nothing that the primary key does not.
    if (definition.partitionKey === "id") return [everywhere];
    return [
      everywhere,
      `CREATE INDEX IF NOT EXISTS "${table}/partition/${member}" ON "${table}" ("partition", ${column})`,
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

/**
 * Makes the container's table, or adds the columns and indexes that a newer definition declares and fills them from
 * the bodies. A file belongs to one release at a time: an older one would not keep columns that it does not know.
 */
export const openTable = (database: DatabaseSync, definition: ContainerDefinition): void => {
  const table = definition.name;
  const presentColumns = (): Set<unknown> =>
    new Set(
      database
        .prepare(`SELECT "name" FROM pragma_table_info(?)`)
        .all(table)
        .map((row) => row["name"]),
    );
  database.exec("BEGIN IMMEDIATE");
  try {
    const isNew = presentColumns().size === 0;
    database.exec(
      `CREATE TABLE IF NOT EXISTS "${table}"
         ("partition" NOT NULL, "id" NOT NULL, "etag" NOT NULL, "body" NOT NULL, PRIMARY KEY ("partition", "id"))`,
    );
    const present = presentColumns();
    const missing = indexedMembers(definition).filter((member) => !present.has(`by_${member}`));
    for (const member of missing) database.exec(`ALTER TABLE "${table}" ADD COLUMN ${columnOf(definition, member)}`);
    if (missing.length > 0 && !isNew) fillColumns(database, definition);
    for (const statement of createStatements(definition)) database.exec(statement);
    database.exec("COMMIT");
  } catch (error) {
    database.exec("ROLLBACK");
    throw error;
  }
};
