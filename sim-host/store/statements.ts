import type { DatabaseSync, StatementSync } from "node:sqlite";

const texts = {
  insertSimulation: `INSERT INTO simulations (tenant_id, id, revision, created_at, queued_at, is_active, document)
    VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
  findSimulation: "SELECT document FROM simulations WHERE tenant_id = ? AND id = ?",
  listSimulations: `SELECT document FROM simulations WHERE tenant_id = ? ORDER BY created_at DESC, id DESC LIMIT ?`,
  listSimulationsAfter: `SELECT document FROM simulations WHERE tenant_id = ? AND (created_at, id) < (?, ?)
    ORDER BY created_at DESC, id DESC LIMIT ?`,
  countSimulations: "SELECT count(*) AS count FROM simulations WHERE tenant_id = ?",
  replaceSimulation: `UPDATE simulations SET revision = ?, queued_at = ?, is_active = ?, document = ?
    WHERE tenant_id = ? AND id = ? AND revision = ?`,
  removeSimulation: "DELETE FROM simulations WHERE tenant_id = ? AND id = ?",
  listActive: "SELECT document FROM simulations WHERE is_active = 1",
  listQueued: "SELECT document FROM simulations WHERE queued_at IS NOT NULL ORDER BY queued_at, id",

  putOperation: `INSERT INTO operations (tenant_id, simulation_id, id, created_at, is_running, document) VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET is_running = excluded.is_running, document = excluded.document`,
  findOperation: "SELECT document FROM operations WHERE tenant_id = ? AND simulation_id = ? AND id = ?",
  listRunningOperations: `SELECT document FROM operations WHERE tenant_id = ? AND simulation_id = ? AND is_running = 1
    ORDER BY created_at`,
  dropOperations: "DELETE FROM operations WHERE is_running = 0 AND created_at < ?",

  lastEvent: "SELECT max(sequence) AS sequence FROM events WHERE tenant_id = ? AND simulation_id = ?",
  addEvent: "INSERT INTO events (tenant_id, simulation_id, sequence, document) VALUES (?, ?, ?, ?)",
  dropEvents: "DELETE FROM events WHERE tenant_id = ? AND simulation_id = ? AND sequence <= ?",
  listEvents: `SELECT document FROM events WHERE tenant_id = ? AND simulation_id = ? AND sequence > ?
    ORDER BY sequence LIMIT ?`,

  recallAnswer: "SELECT document FROM answers WHERE tenant_id = ? AND key = ?",
  keepAnswer: "INSERT INTO answers (tenant_id, key, kept_at, document) VALUES (?, ?, ?, ?)",
  dropAnswers: "DELETE FROM answers WHERE kept_at < ?",

  subnetsOf: "SELECT link, subnet FROM subnets WHERE tenant_id = ? AND simulation_id = ?",
  listSubnets: "SELECT subnet, tenant_id, simulation_id, link FROM subnets",
  claimSubnet: "INSERT INTO subnets (subnet, tenant_id, simulation_id, link) VALUES (?, ?, ?, ?)",
  freeSubnet: "DELETE FROM subnets WHERE tenant_id = ? AND simulation_id = ? AND link = ?",

  findLease: "SELECT holder, fence, until_milliseconds FROM leases WHERE engine = ?",
  putLease: `INSERT INTO leases (engine, holder, fence, until_milliseconds) VALUES (?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET holder = excluded.holder, fence = excluded.fence, until_milliseconds = excluded.until_milliseconds`,
} as const;

/** Every statement of the store, prepared once. */
export type Statements = Readonly<Record<keyof typeof texts, StatementSync>>;

export const prepareStatements = (sql: DatabaseSync): Statements => {
  const prepare = (name: keyof typeof texts): StatementSync => sql.prepare(texts[name]);
  const names = Object.keys(texts) as (keyof typeof texts)[];
  // Object.fromEntries forgets the names, which are the same.
  return Object.fromEntries(names.map((name) => [name, prepare(name)])) as Statements;
};
