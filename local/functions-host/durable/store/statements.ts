import type { DatabaseSync } from "node:sqlite";

/** Every statement of the task hub, compiled once: compiling costs more than most of them take. */
export const prepareStatements = (database: DatabaseSync) => ({
  begin: database.prepare("BEGIN IMMEDIATE"),
  commit: database.prepare("COMMIT"),
  rollback: database.prepare("ROLLBACK"),
  readInstance: database.prepare("SELECT * FROM instance WHERE instance_id = ?"),
  writeInstance: database.prepare("INSERT OR REPLACE INTO instance VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"),
  forget: ["instance", "history", "message", "activity"].map((table) =>
    database.prepare(`DELETE FROM ${table} WHERE instance_id = ?`),
  ),
  listInstances: database.prepare(
    `SELECT * FROM instance WHERE created_at >= ?1 AND created_at <= ?2 AND instance_id > ?3
     AND substr(instance_id, 1, length(?4)) = ?4 AND (?5 IS NULL OR status IN (SELECT value FROM json_each(?5)))
     ORDER BY instance_id LIMIT ?6`,
  ),
  readHistory: database.prepare("SELECT event FROM history WHERE instance_id = ? ORDER BY seq"),
  lastSequence: database.prepare("SELECT max(seq) AS seq FROM history WHERE instance_id = ?"),
  clearHistory: database.prepare("DELETE FROM history WHERE instance_id = ?"),
  appendHistory: database.prepare("INSERT INTO history VALUES (?, ?, ?)"),
  dueMessages: database.prepare("SELECT * FROM message WHERE instance_id = ? AND visible_at <= ? ORDER BY id"),
  send: database.prepare("INSERT INTO message (instance_id, execution_id, visible_at, body) VALUES (?, ?, ?, ?)"),
  dropMessage: database.prepare("DELETE FROM message WHERE id = ?"),
  dropMessagesOf: database.prepare("DELETE FROM message WHERE instance_id = ?"),
  dueInstances: database.prepare("SELECT DISTINCT instance_id FROM message WHERE visible_at <= ?"),
  nextDue: database.prepare("SELECT min(visible_at) AS at FROM message WHERE visible_at > ?"),
  activities: database.prepare("SELECT * FROM activity ORDER BY id"),
  addActivity: database.prepare("INSERT INTO activity (instance_id, body) VALUES (?, ?)"),
  dropActivity: database.prepare("DELETE FROM activity WHERE id = ?"),
});
