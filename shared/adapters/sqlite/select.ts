import type { ContainerDefinition, Query, Range } from "../../documents/document-store.ts";
import { columnOf, columnValue } from "./table.ts";

/** SQL text and the values of its placeholders. */
export interface Select {
  readonly sql: string;
  readonly values: (string | number | Uint8Array | null)[];
}

interface Term {
  readonly sql: string;
  readonly values: Select["values"];
}

// Between the types SQLite sorts numbers < '' < strings < x'' < blobs: one more bound keeps a range inside its type.
const greaterThan = (column: string, bound: string | number): Term => ({
  sql: `${column} > ? AND ${column} < ${typeof bound === "number" ? "''" : "x''"}`,
  values: [bound],
});
const lessThan = (column: string, bound: string | number): Term => ({
  sql: typeof bound === "number" ? `${column} < ?` : `${column} < ? AND ${column} >= ''`,
  values: [bound],
});

const rangeTerms = (column: string, range: Range): Term[] => [
  ...(range.greaterThan === undefined ? [] : [greaterThan(column, range.greaterThan)]),
  ...(range.lessThan === undefined ? [] : [lessThan(column, range.lessThan)]),
];

/** The statement that answers a checked query. */
export const selectFor = (definition: ContainerDefinition, query: Query): Select => {
  const { partition, equal = {}, range = {}, orderBy, limit } = query;
  const terms: Term[] = [
    ...(partition === undefined ? [] : [{ sql: `"partition" = ?`, values: [partition] }]),
    ...Object.entries(equal).map(([member, value]) => ({
      sql: `${columnOf(definition, member)} = ?`,
      values: [columnValue(value)],
    })),
    ...Object.entries(range).flatMap(([member, bounds]) => rangeTerms(columnOf(definition, member), bounds)),
    ...(orderBy === undefined ? [] : [{ sql: `${columnOf(definition, orderBy.member)} < x''`, values: [] }]),
  ];
  const where = terms.length === 0 ? "" : ` WHERE ${terms.map(({ sql }) => sql).join(" AND ")}`;
  const direction = orderBy?.direction === "descending" ? "DESC" : "ASC";
  const order = orderBy === undefined ? "" : ` ORDER BY ${columnOf(definition, orderBy.member)} ${direction}`;
  return {
    sql: `SELECT "body", "etag" FROM "${definition.name}"${where}${order} LIMIT ?`,
    values: [...terms.flatMap(({ values }) => values), limit],
  };
};
