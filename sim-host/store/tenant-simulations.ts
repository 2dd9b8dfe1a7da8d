import type { Clock } from "../../shared/kernel/clock.ts";
import { DomainError } from "../../shared/kernel/errors.ts";
import type { TenantSimulations } from "../simulations/ports.ts";
import type { Simulation } from "../simulations/simulation.ts";
import { hasLeftovers } from "../simulations/simulation-rules.ts";
import type { Database } from "./database.ts";
import { all, answerOf, eventOf, operationOf, simulationOf } from "./rows.ts";
import type { Statements } from "./statements.ts";

const eventsMax = 1_000;
const dayMilliseconds = 24 * 60 * 60 * 1000;

const columnsOf = (simulation: Simulation) => ({
  revision: simulation.revision,
  queuedAt: simulation.status === "queued" ? (simulation.queuedAt ?? simulation.updatedAt) : null,
  isActive: Number(hasLeftovers(simulation)),
  document: JSON.stringify(simulation),
});

/** `<created at>|<id>` of the last one on a page. */
const cursorOf = ({ createdAt, id }: Simulation): string => `${createdAt}|${id}`;

const simulationsOf = (
  tenantId: string,
  statements: Statements,
): Pick<TenantSimulations, "insert" | "find" | "list" | "count" | "replace" | "remove"> => ({
  insert(simulation) {
    const { revision, queuedAt, isActive, document } = columnsOf(simulation);
    const { id, createdAt } = simulation;
    const { changes } = statements.insertSimulation.run(
      ...([tenantId, id, revision, createdAt, queuedAt, isActive, document] as const),
    );
    if (changes === 0) throw new DomainError("conflict", "There is a simulation with this id already.");
  },
  find: (id) => simulationOf(statements.findSimulation.get(tenantId, id)),
  list(limit, after) {
    const [createdAt = "", id = ""] = after?.split("|") ?? [];
    const rows =
      after === undefined
        ? statements.listSimulations.all(tenantId, limit + 1)
        : statements.listSimulationsAfter.all(tenantId, createdAt, id, limit + 1);
    const items = all(rows.slice(0, limit), simulationOf);
    const last = items.at(-1);
    return rows.length > limit && last !== undefined ? { items, next: cursorOf(last) } : { items };
  },
  count: () => Number(statements.countSimulations.get(tenantId)?.["count"]),
  replace(simulation) {
    const { revision, queuedAt, isActive, document } = columnsOf(simulation);
    const { changes } = statements.replaceSimulation.run(
      ...([revision, queuedAt, isActive, document, tenantId, simulation.id, revision - 1] as const),
    );
    if (changes > 0) return;
    throw new DomainError("precondition-failed", "The simulation has changed meanwhile. Read it again.");
  },
  remove(id) {
    statements.removeSimulation.run(tenantId, id);
  },
});

const operationsOf = (
  tenantId: string,
  statements: Statements,
): Pick<TenantSimulations, "putOperation" | "findOperation" | "listOperations"> => ({
  putOperation(operation) {
    const { simulationId, id, createdAt, status } = operation;
    const isRunning = Number(status === "running");
    statements.putOperation.run(tenantId, simulationId, id, createdAt, isRunning, JSON.stringify(operation));
  },
  findOperation: (simulationId, id) => operationOf(statements.findOperation.get(tenantId, simulationId, id)),
  listOperations: (simulationId) => all(statements.listRunningOperations.all(tenantId, simulationId), operationOf),
});

const eventsOf = (tenantId: string, statements: Statements): Pick<TenantSimulations, "addEvent" | "listEvents"> => ({
  addEvent(simulationId, event) {
    const last = Number(statements.lastEvent.get(tenantId, simulationId)?.["sequence"] ?? 0);
    const numbered = { sequence: last + 1, ...event };
    statements.addEvent.run(tenantId, simulationId, numbered.sequence, JSON.stringify(numbered));
    statements.dropEvents.run(tenantId, simulationId, numbered.sequence - eventsMax);
    return numbered;
  },
  listEvents: (simulationId, afterSequence, limit) =>
    all(statements.listEvents.all(tenantId, simulationId, afterSequence, limit), eventOf),
});

/** Everything of one tenant: its id is part of every statement. */
export const tenantSimulations = (
  tenantId: string,
  {
    database,
    statements,
    clock,
  }: { readonly database: Database; readonly statements: Statements; readonly clock: Clock },
): TenantSimulations => {
  const events = eventsOf(tenantId, statements);
  return {
    ...simulationsOf(tenantId, statements),
    ...operationsOf(tenantId, statements),
    ...events,
    addEvent: (simulationId, event) => database.inTransaction(() => events.addEvent(simulationId, event)),
    recallAnswer: (key) => answerOf(statements.recallAnswer.get(tenantId, key)),
    keepAnswer(key, answer) {
      const now = clock();
      statements.dropAnswers.run(new Date(now.getTime() - dayMilliseconds).toISOString());
      statements.keepAnswer.run(tenantId, key, now.toISOString(), JSON.stringify(answer));
    },
    inTransaction: database.inTransaction,
  };
};
