import { DatabaseSync } from "node:sqlite";
import type { HistoryEvent, Started } from "../protocol/history-event.ts";
import type {
  ActivityMessage,
  Envelope,
  InstanceFilter,
  InstanceRow,
  StoredActivity,
  StoredEnvelope,
  TurnCommit,
  TurnMessage,
} from "./records.ts";
import { isTerminal, textOrNull, toInstance } from "./records.ts";
import { schema } from "./schema.ts";

/** The task hub: orchestrations, histories and messages in one SQLite file. Every method is one transaction. */
export class TaskHubStore {
  readonly #database: DatabaseSync;

  constructor(file: string) {
    this.#database = new DatabaseSync(file);
    this.#database.exec(schema);
  }

  close(): void {
    this.#database.close();
  }

  #transaction<T>(work: () => T): T {
    this.#database.exec("BEGIN IMMEDIATE");
    try {
      const result = work();
      this.#database.exec("COMMIT");
      return result;
    } catch (error) {
      this.#database.exec("ROLLBACK");
      throw error;
    }
  }

  readInstance(instanceId: string): InstanceRow | undefined {
    const row = this.#database.prepare("SELECT * FROM instance WHERE instance_id = ?").get(instanceId);
    return row === undefined ? undefined : toInstance(row);
  }

  readHistory(instanceId: string): readonly HistoryEvent[] {
    const rows = this.#database.prepare("SELECT event FROM history WHERE instance_id = ? ORDER BY seq").all(instanceId);
    return rows.map((row) => JSON.parse(String(row["event"])) as HistoryEvent);
  }

  listInstances(filter: InstanceFilter): readonly InstanceRow[] {
    const { createdFrom = "", createdTo = "~", statuses, prefix = "", after = "", limit } = filter;
    const rows = this.#database
      .prepare(
        `SELECT * FROM instance WHERE created_at >= ? AND created_at <= ? AND instance_id > ?
         AND substr(instance_id, 1, length(?)) = ? ORDER BY instance_id`,
      )
      .all(createdFrom, createdTo, after, prefix, prefix);
    return rows
      .map(toInstance)
      .filter(({ status }) => statuses === undefined || statuses.includes(status))
      .slice(0, limit);
  }

  /** Creates the instance with its first message, in place of one that has ended. False: the id is in use. */
  create(started: Started, at: string, first: HistoryEvent): boolean {
    return this.#transaction(() => this.#create(started, at, first));
  }

  #create(started: Started, at: string, first: HistoryEvent): boolean {
    const existing = this.readInstance(started.instanceId);
    if (existing !== undefined && !isTerminal(existing.status)) return false;
    this.#forget(started.instanceId);
    this.#writeInstance({
      instanceId: started.instanceId,
      executionId: started.executionId,
      name: started.name,
      version: started.version,
      inputJson: started.input,
      status: "Pending",
      output: null,
      customStatusJson: null,
      createdAt: at,
      updatedAt: at,
      parentJson: started.parent === null ? null : JSON.stringify(started.parent),
    });
    const { instanceId, executionId } = started;
    this.#send({ instanceId, executionId, visibleAt: 0, message: { kind: "event", event: first } });
    return true;
  }

  #writeInstance(row: InstanceRow): void {
    this.#database
      .prepare("INSERT OR REPLACE INTO instance VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
      .run(
        row.instanceId,
        row.executionId,
        row.name,
        row.version,
        row.inputJson,
        row.status,
        row.output,
        row.customStatusJson,
        row.createdAt,
        row.updatedAt,
        row.parentJson,
      );
  }

  #forget(instanceId: string): void {
    for (const table of ["instance", "history", "message", "activity"]) {
      this.#database.prepare(`DELETE FROM ${table} WHERE instance_id = ?`).run(instanceId);
    }
  }

  /** Removes an instance that has ended, with everything about it. False: there is none. */
  purge(instanceId: string): boolean {
    return this.#transaction(() => {
      const existing = this.readInstance(instanceId);
      if (existing === undefined || !isTerminal(existing.status)) return false;
      this.#forget(instanceId);
      return true;
    });
  }

  send(envelope: Envelope): void {
    this.#transaction(() => this.#send(envelope));
  }

  #send({ instanceId, executionId, visibleAt, message }: Envelope): void {
    this.#database
      .prepare("INSERT INTO message (instance_id, execution_id, visible_at, body) VALUES (?, ?, ?, ?)")
      .run(instanceId, executionId, visibleAt, JSON.stringify(message));
  }

  /** Messages of an instance that are due, oldest first. */
  dueMessages(instanceId: string, now: number): readonly StoredEnvelope[] {
    const rows = this.#database
      .prepare("SELECT * FROM message WHERE instance_id = ? AND visible_at <= ? ORDER BY id")
      .all(instanceId, now);
    return rows.map((row) => ({
      id: Number(row["id"]),
      instanceId,
      executionId: textOrNull(row["execution_id"]),
      visibleAt: Number(row["visible_at"]),
      message: JSON.parse(String(row["body"])) as TurnMessage,
    }));
  }

  dropMessages(ids: readonly number[]): void {
    this.#transaction(() => this.#drop(ids));
  }

  #drop(ids: readonly number[]): void {
    const statement = this.#database.prepare("DELETE FROM message WHERE id = ?");
    for (const id of ids) statement.run(id);
  }

  /** Instances with messages that are due, and when the next message after that becomes due. */
  schedule(now: number): { readonly due: readonly string[]; readonly nextAt: number | undefined } {
    const due = this.#database.prepare("SELECT DISTINCT instance_id FROM message WHERE visible_at <= ?").all(now);
    const next = this.#database.prepare("SELECT min(visible_at) AS at FROM message WHERE visible_at > ?").get(now);
    const at = next?.["at"];
    return { due: due.map((row) => String(row["instance_id"])), nextAt: typeof at === "number" ? at : undefined };
  }

  activities(): readonly StoredActivity[] {
    return this.#database
      .prepare("SELECT * FROM activity ORDER BY id")
      .all()
      .map((row) => ({ ...(JSON.parse(String(row["body"])) as ActivityMessage), id: Number(row["id"]) }));
  }

  /** Puts a result in place of the activity that gave it. False: it was already answered, or its instance is gone. */
  answerActivity(id: number, answer: Envelope): boolean {
    return this.#transaction(() => {
      const { changes } = this.#database.prepare("DELETE FROM activity WHERE id = ?").run(id);
      if (changes === 0) return false;
      this.#send(answer);
      return true;
    });
  }

  /** Writes a turn. Returns the activities with their ids and the children whose ids were in use. */
  commit(
    turn: TurnCommit,
    startOf: (child: Started) => HistoryEvent,
  ): { readonly activities: readonly StoredActivity[]; readonly refused: readonly Started[] } {
    return this.#transaction(() => {
      const { instanceId } = turn.instance;
      this.#drop(turn.consumed);
      this.#appendHistory(instanceId, turn.history, turn.isNewExecution);
      this.#writeInstance(turn.instance);
      for (const envelope of turn.messages) this.#send(envelope);
      const insert = this.#database.prepare("INSERT INTO activity (instance_id, body) VALUES (?, ?)");
      const activities = turn.activities.map((activity) => {
        const { lastInsertRowid } = insert.run(instanceId, JSON.stringify(activity));
        return { ...activity, id: Number(lastInsertRowid) };
      });
      const refused = turn.children.filter((child) => !this.#create(child, turn.instance.updatedAt, startOf(child)));
      return { activities, refused };
    });
  }

  #appendHistory(instanceId: string, events: readonly HistoryEvent[], isNew: boolean): void {
    if (isNew) this.#database.prepare("DELETE FROM history WHERE instance_id = ?").run(instanceId);
    const last = this.#database.prepare("SELECT max(seq) AS seq FROM history WHERE instance_id = ?").get(instanceId);
    const begin = typeof last?.["seq"] === "number" ? last["seq"] + 1 : 0;
    const insert = this.#database.prepare("INSERT INTO history VALUES (?, ?, ?)");
    events.forEach((event, index) => insert.run(instanceId, begin + index, JSON.stringify(event)));
  }
}
