import { DomainError } from "../../shared/kernel/errors.ts";
import type { TrialStore } from "../trials/ports.ts";
import type { Trial } from "../trials/trial.ts";
import type { Database } from "./database.ts";
import { all, trialOf } from "./rows.ts";

const ofTenant = "WHERE tenant_id = ?";
const hasSimulation = `EXISTS
  (SELECT 1 FROM simulations AS one WHERE one.tenant_id = trials.tenant_id AND one.id = trials.simulation_id)`;
const texts = {
  insert: `INSERT INTO trials (tenant_id, id, kit_id, version, simulation_id, status, document)
    VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
  replace: `UPDATE trials SET status = ?, document = ? ${ofTenant} AND id = ?`,
  findRunning: `SELECT document FROM trials ${ofTenant} AND kit_id = ? AND version = ? AND status = 'running'`,
  findBySimulation: `SELECT document FROM trials ${ofTenant} AND simulation_id = ?`,
  listEnded: `SELECT document FROM trials ${ofTenant} AND kit_id = ? AND status <> 'running' AND ${hasSimulation}`,
  listOpen: "SELECT document FROM trials WHERE status IN ('running', 'unreported')",
  tidy: `DELETE FROM trials WHERE status IN ('reported', 'given-up') AND NOT ${hasSimulation}`,
} as const;

/** Trials in the host's database. They outlive their simulation until the control plane knows what came of them. */
export const trialStore = ({ sql }: Database): TrialStore => {
  const prepared = {
    insert: sql.prepare(texts.insert),
    replace: sql.prepare(texts.replace),
    findRunning: sql.prepare(texts.findRunning),
    findBySimulation: sql.prepare(texts.findBySimulation),
    listEnded: sql.prepare(texts.listEnded),
    listOpen: sql.prepare(texts.listOpen),
    tidy: sql.prepare(texts.tidy),
  };
  return {
    forTenant: (tenantId) => ({
      insert(trial: Trial) {
        const { id, kit, simulationId, status } = trial;
        const row = [tenantId, id, kit.id, kit.version, simulationId, status, JSON.stringify(trial)] as const;
        if (prepared.insert.run(...row).changes === 1) return;
        throw new DomainError("conflict", "This version of the kit is being tried already.");
      },
      replace: (trial) => void prepared.replace.run(trial.status, JSON.stringify(trial), tenantId, trial.id),
      findRunning: (kitId, version) => trialOf(prepared.findRunning.get(tenantId, kitId, version)),
      findBySimulation: (simulationId) => trialOf(prepared.findBySimulation.get(tenantId, simulationId)),
      listEnded: (kitId) => all(prepared.listEnded.all(tenantId, kitId), trialOf),
    }),
    host: {
      listOpen: () => all(prepared.listOpen.all(), trialOf),
      tidy: () => void prepared.tidy.run(),
    },
  };
};
