import type { SqlQuerySpec } from "@azure/cosmos";
import type { ContainerDefinition, Query, Scalar } from "../../documents/document-store.ts";

interface Comparison {
  readonly member: string;
  readonly operator: "=" | "<" | ">";
  readonly value: Scalar;
}

const rangeComparisons = (range: NonNullable<Query["range"]>): Comparison[] =>
  Object.entries(range).flatMap(([member, { greaterThan, lessThan }]) => [
    ...(greaterThan === undefined ? [] : [{ member, operator: ">" as const, value: greaterThan }]),
    ...(lessThan === undefined ? [] : [{ member, operator: "<" as const, value: lessThan }]),
  ]);

const path = (member: string): string => `c["${member}"]`;

/**
 * Strings and numbers only, said with comparisons, which work on every target (they are undefined between types): what
 * has no such ordering member is left out, whatever the target's own rule for missing members.
 */
const orderable = (member: string): string => `(${path(member)} >= "" OR ${path(member)} < 0 OR ${path(member)} >= 0)`;

/**
 * The query in the part of Cosmos SQL that works on every target. The partition is filtered on as well as addressed:
 * some targets ignore the address and would answer with the neighbours' documents.
 */
export const querySpec = (definition: ContainerDefinition, query: Query): SqlQuerySpec => {
  const { partition, equal = {}, range = {}, orderBy, limit } = query;
  const comparisons: Comparison[] = [
    ...(partition === undefined ? [] : [{ member: definition.partitionKey, operator: "=" as const, value: partition }]),
    ...Object.entries(equal).map(([member, value]) => ({ member, operator: "=" as const, value })),
    ...rangeComparisons(range),
  ];
  const conditions = [
    ...comparisons.map(({ member, operator }, index) => `${path(member)} ${operator} @p${index}`),
    ...(orderBy === undefined ? [] : [orderable(orderBy.member)]),
  ];
  const where = conditions.length === 0 ? "" : ` WHERE ${conditions.join(" AND ")}`;
  const direction = orderBy?.direction === "descending" ? "DESC" : "ASC";
  const order = orderBy === undefined ? "" : ` ORDER BY ${path(orderBy.member)} ${direction}`;
  return {
    query: `SELECT TOP ${limit} * FROM c${where}${order}`,
    parameters: comparisons.map(({ value }, index) => ({ name: `@p${index}`, value })),
  };
};
