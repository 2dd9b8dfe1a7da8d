import { DomainError } from "../../shared/kernel/errors.ts";
import type { RunStore, TenantRuns } from "../runs/ports.ts";
import type { Run } from "../runs/run.ts";
import { summaryOf } from "../runs/run.ts";
import type { Database } from "./database.ts";
import { all, runOf, runSummaryOf } from "./rows.ts";

/** So many of each simulation are kept. */
const runsMax = 50;

const ofSimulation = "WHERE tenant_id = ? AND simulation_id = ?";
const texts = {
  insert: `INSERT INTO runs (tenant_id, simulation_id, id, is_running, summary, document) VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT DO NOTHING`,
  dropOldest: `DELETE FROM runs ${ofSimulation} AND rowid NOT IN
    (SELECT rowid FROM runs ${ofSimulation} ORDER BY rowid DESC LIMIT ${runsMax})`,
  find: `SELECT document FROM runs ${ofSimulation} AND id = ?`,
  list: `SELECT summary AS document FROM runs ${ofSimulation} ORDER BY rowid DESC`,
  newest: `SELECT summary AS document FROM runs ${ofSimulation} ORDER BY rowid DESC LIMIT 1`,
  replace: `UPDATE runs SET is_running = ?, summary = ?, document = ? ${ofSimulation} AND id = ?`,
  listRunning: "SELECT document FROM runs WHERE is_running = 1",
  listIds: "SELECT id FROM runs",
} as const;

const columnsOf = (run: Run) =>
  [Number(run.status === "running"), JSON.stringify(summaryOf(run)), JSON.stringify(run)] as const;

/** Runs in the host's database. They go with their simulation. */
export const runStore = ({ sql, inTransaction }: Database): RunStore => {
  const prepared = {
    insert: sql.prepare(texts.insert),
    dropOldest: sql.prepare(texts.dropOldest),
    find: sql.prepare(texts.find),
    list: sql.prepare(texts.list),
    newest: sql.prepare(texts.newest),
    replace: sql.prepare(texts.replace),
    listRunning: sql.prepare(texts.listRunning),
    listIds: sql.prepare(texts.listIds),
  };
  const forTenant = (tenantId: string): TenantRuns => ({
    insert(run) {
      const { simulationId, id } = run;
      inTransaction(() => {
        const { changes } = prepared.insert.run(tenantId, simulationId, id, ...columnsOf(run));
        if (changes === 0) throw new DomainError("simulation-state", "A run of this simulation is under way.");
        prepared.dropOldest.run(tenantId, simulationId, tenantId, simulationId);
      });
    },
    find: (simulationId, id) => runOf(prepared.find.get(tenantId, simulationId, id)),
    list: (simulationId) => all(prepared.list.all(tenantId, simulationId), runSummaryOf),
    newest: (simulationId) => runSummaryOf(prepared.newest.get(tenantId, simulationId)),
    replace(run) {
      prepared.replace.run(...columnsOf(run), tenantId, run.simulationId, run.id);
    },
  });
  return {
    forTenant,
    host: {
      listRunning: () => all(prepared.listRunning.all(), runOf),
      listIds: () => new Set(prepared.listIds.all().map((row) => String(row["id"]))),
    },
  };
};
