import type { Trial } from "../trials/trial.ts";
import type { TrialStore } from "../trials/ports.ts";
import type { Database } from "./database.ts";
import { all, trialOf } from "./rows.ts";

const ofTenant = "WHERE tenant_id = ?";
const texts = {
  insert: `INSERT INTO trials (tenant_id, id, kit_id, version, simulation_id, is_open, document)
    VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
  replace: `UPDATE trials SET simulation_id = ?, is_open = ?, document = ? ${ofTenant} AND id = ?`,
  remove: `DELETE FROM trials ${ofTenant} AND id = ?`,
  findOpen: `SELECT document FROM trials ${ofTenant} AND kit_id = ? AND version = ? AND is_open = 1`,
  findBySimulation: `SELECT document FROM trials ${ofTenant} AND simulation_id = ?`,
  listOfKit: `SELECT document FROM trials ${ofTenant} AND kit_id = ?`,
  listOpen: "SELECT document FROM trials WHERE is_open = 1",
  tidy: `DELETE FROM trials WHERE is_open = 0 AND NOT EXISTS
    (SELECT 1 FROM simulations AS one WHERE one.tenant_id = trials.tenant_id AND one.id = trials.simulation_id)`,
} as const;

const changing = ({ simulationId, status, ...trial }: Trial) =>
  [simulationId ?? null, Number(status === "open"), JSON.stringify({ simulationId, status, ...trial })] as const;

/** Trials in the host's database. They outlive their simulation until the control plane knows what came of them. */
export const trialStore = ({ sql }: Database): TrialStore => {
  const prepared = {
    insert: sql.prepare(texts.insert),
    replace: sql.prepare(texts.replace),
    remove: sql.prepare(texts.remove),
    findOpen: sql.prepare(texts.findOpen),
    findBySimulation: sql.prepare(texts.findBySimulation),
    listOfKit: sql.prepare(texts.listOfKit),
    listOpen: sql.prepare(texts.listOpen),
    tidy: sql.prepare(texts.tidy),
  };
  return {
    forTenant: (tenantId) => ({
      insert: (trial) =>
        prepared.insert.run(tenantId, trial.id, trial.kit.id, trial.kit.version, ...changing(trial)).changes === 1,
      replace: (trial) => void prepared.replace.run(...changing(trial), tenantId, trial.id),
      remove: (id) => void prepared.remove.run(tenantId, id),
      findOpen: (kitId, version) => trialOf(prepared.findOpen.get(tenantId, kitId, version)),
      findBySimulation: (simulationId) => trialOf(prepared.findBySimulation.get(tenantId, simulationId)),
      listOfKit: (kitId) => all(prepared.listOfKit.all(tenantId, kitId), trialOf),
    }),
    host: {
      listOpen: () => all(prepared.listOpen.all(), trialOf),
      tidy: () => void prepared.tidy.run(),
    },
  };
};
