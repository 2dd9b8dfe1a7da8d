import { DomainError } from "../../shared/kernel/errors.ts";
import type { Database } from "./database.ts";
import type { Save, SaveStore } from "../saves/ports.ts";

type Row = Readonly<Record<string, unknown>> | undefined;

/** Rows hold what this program wrote itself, in types of the same names: they are read back without a second look. */
const saveOf = (row: Row): Save | undefined =>
  row === undefined ? undefined : (JSON.parse(String(row["document"])) as Save);

/** SQLite's result code for a simulation that is not there. */
const foreignKeyCode = 787;
const isWithoutSimulation = (error: unknown): boolean =>
  error instanceof Error && "errcode" in error && error.errcode === foreignKeyCode;

const bytesOf = ({ nodes }: Save): number => nodes.reduce((sum, { bytes }) => sum + bytes, 0);

/** Saves in the host's own database: they are gone as soon as their simulation is. */
export const sqliteSaveStore = ({ sql }: Database): SaveStore => {
  const insert = sql.prepare(
    "INSERT INTO saves (tenant_id, simulation_id, id, created_at, bytes, document) VALUES (?, ?, ?, ?, ?, ?)",
  );
  const find = sql.prepare("SELECT document FROM saves WHERE tenant_id = ? AND simulation_id = ? AND id = ?");
  const list = sql.prepare(
    "SELECT document FROM saves WHERE tenant_id = ? AND simulation_id = ? ORDER BY created_at DESC, id DESC",
  );
  const remove = sql.prepare("DELETE FROM saves WHERE tenant_id = ? AND simulation_id = ? AND id = ?");
  const bytes = sql.prepare("SELECT coalesce(sum(bytes), 0) AS bytes FROM saves WHERE tenant_id = ?");
  const has = sql.prepare("SELECT 1 FROM saves WHERE id = ?");
  return {
    forTenant: (tenantId) => ({
      insert(save) {
        try {
          const { simulationId, id, createdAt } = save;
          insert.run(tenantId, simulationId, id, createdAt, bytesOf(save), JSON.stringify({ ...save, tenantId }));
        } catch (error) {
          if (!isWithoutSimulation(error)) throw error;
          throw new DomainError("simulation-not-found", "There is no simulation with this id.", { cause: error });
        }
      },
      find: (simulationId, id) => saveOf(find.get(tenantId, simulationId, id)),
      list: (simulationId) => list.all(tenantId, simulationId).flatMap((row) => saveOf(row) ?? []),
      remove: (simulationId, id) => void remove.run(tenantId, simulationId, id),
      bytes: () => Number(bytes.get(tenantId)?.["bytes"]),
    }),
    host: { has: (id) => has.get(id) !== undefined },
  };
};
