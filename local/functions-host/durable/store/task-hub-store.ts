import { DatabaseSync } from "node:sqlite";
import type { HistoryEvent, Started } from "../history/history-event.ts";
import type {
  Envelope,
  InstanceFilter,
  InstanceRow,
  NewChild,
  StoredActivity,
  StoredEnvelope,
  TurnCommit,
} from "./records.ts";
import { isTerminal } from "./records.ts";
import { fromInstance, toActivity, toEnvelope, toEvent, toInstance } from "./rows.ts";
import { pragmas, schema, schemaVersion } from "./schema.ts";
import { prepareStatements } from "./statements.ts";

/** What a turn led to beyond what it asked for. */
export interface CommittedTurn {
  /** With their ids. */
  readonly activities: readonly StoredActivity[];
  /** Children that were not created because their id is in use: their parent has a message about it. */
  readonly refused: readonly NewChild[];
}

const open = (file: string): DatabaseSync => {
  const database = new DatabaseSync(file);
  try {
    database.exec(pragmas);
    const found = Number(database.prepare("PRAGMA user_version").get()?.["user_version"] ?? 0);
    if (found > schemaVersion) throw new Error(`version ${found} is newer than this host's ${schemaVersion}`);
    database.exec(`BEGIN EXCLUSIVE; ${schema} COMMIT`);
    return database;
  } catch (error) {
    database.close();
    throw new Error(`Cannot open the task hub ${file}; is another host using it?`, { cause: error });
  }
};

/**
 * The task hub: orchestrations, histories and messages in one SQLite file. Every method is one transaction.
 * @throws Error when another process has the file open
 */
export class TaskHubStore {
  readonly #database: DatabaseSync;
  readonly #sql: ReturnType<typeof prepareStatements>;

  constructor(file: string) {
    this.#database = open(file);
    this.#sql = prepareStatements(this.#database);
  }

  close(): void {
    this.#database.close();
  }

  #transaction<T>(work: () => T): T {
    this.#sql.begin.run();
    try {
      const result = work();
      this.#sql.commit.run();
      return result;
    } catch (error) {
      if (this.#database.isTransaction) this.#sql.rollback.run();
      throw error;
    }
  }

  readInstance(instanceId: string): InstanceRow | undefined {
    const row = this.#sql.readInstance.get(instanceId);
    return row === undefined ? undefined : toInstance(row);
  }

  readHistory(instanceId: string): readonly HistoryEvent[] {
    return this.#sql.readHistory.all(instanceId).map(toEvent);
  }

  /** A page, by instance id. */
  listInstances(filter: InstanceFilter): readonly InstanceRow[] {
    const { createdFrom = "", createdTo = "~", statuses, prefix = "", after = "", limit } = filter;
    const statusesJson = statuses === undefined ? null : JSON.stringify(statuses);
    return this.#sql.listInstances.all(createdFrom, createdTo, after, prefix, statusesJson, limit).map(toInstance);
  }

  /** Creates the instance with its first message, in place of one that has ended. False: the id is in use. */
  create(started: Started, at: string, first: HistoryEvent): boolean {
    return this.#transaction(() => this.#create(started, at, first));
  }

  #create(started: Started, at: string, first: HistoryEvent): boolean {
    const { instanceId, executionId, name, version, input: inputJson, parent } = started;
    const existing = this.readInstance(instanceId);
    if (existing !== undefined && !isTerminal(existing.status)) return false;
    this.#forget(instanceId);
    this.#writeInstance({
      ...{ instanceId, executionId, name, version, inputJson, parent, status: "Pending" },
      ...{ output: null, customStatusJson: null, createdAt: at, updatedAt: at },
    });
    this.#send({ instanceId, executionId, visibleAt: 0, message: { kind: "event", event: first } });
    return true;
  }

  #writeInstance(row: InstanceRow): void {
    this.#sql.writeInstance.run(...fromInstance(row));
  }

  #forget(instanceId: string): void {
    for (const statement of this.#sql.forget) statement.run(instanceId);
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
    this.#sql.send.run(instanceId, executionId, visibleAt, JSON.stringify(message));
  }

  /** Messages of an instance that are due, oldest first. */
  dueMessages(instanceId: string, now: number): readonly StoredEnvelope[] {
    return this.#sql.dueMessages.all(instanceId, now).map(toEnvelope);
  }

  dropMessages(ids: readonly number[]): void {
    this.#transaction(() => this.#drop(ids));
  }

  #drop(ids: readonly number[]): void {
    for (const id of ids) this.#sql.dropMessage.run(id);
  }

  /** Instances with messages that are due, and when the next message after that becomes due. */
  schedule(now: number): { readonly due: readonly string[]; readonly nextAt: number | undefined } {
    const at = this.#sql.nextDue.get(now)?.["at"];
    const due = this.#sql.dueInstances.all(now).map((row) => String(row["instance_id"]));
    return { due, nextAt: typeof at === "number" ? at : undefined };
  }

  activities(): readonly StoredActivity[] {
    return this.#sql.activities.all().map(toActivity);
  }

  /** Puts a result in place of the activity that gave it. False: it was already answered, or its instance is gone. */
  answerActivity(id: number, answer: Envelope): boolean {
    return this.#transaction(() => {
      if (this.#sql.dropActivity.run(id).changes === 0) return false;
      this.#send(answer);
      return true;
    });
  }

  /** Writes a turn. Once an instance has ended, nothing that it still waited for is kept. */
  commit(turn: TurnCommit): CommittedTurn {
    return this.#transaction(() => {
      const { instance, children } = turn;
      this.#drop(turn.consumed);
      this.#appendHistory(instance.instanceId, turn.history, turn.isNewExecution);
      this.#writeInstance(instance);
      if (isTerminal(instance.status)) this.#sql.dropMessagesOf.run(instance.instanceId);
      for (const envelope of turn.messages) this.#send(envelope);
      const activities = turn.activities.map((activity) => {
        const { lastInsertRowid } = this.#sql.addActivity.run(instance.instanceId, JSON.stringify(activity));
        return { ...activity, id: Number(lastInsertRowid) };
      });
      const refused = children.filter(({ started, first }) => !this.#create(started, instance.updatedAt, first));
      for (const { refusal } of refused) this.#send(refusal);
      return { activities, refused };
    });
  }

  #appendHistory(instanceId: string, events: readonly HistoryEvent[], isNew: boolean): void {
    if (isNew) this.#sql.clearHistory.run(instanceId);
    const last = this.#sql.lastSequence.get(instanceId)?.["seq"];
    const begin = typeof last === "number" ? last + 1 : 0;
    events.forEach((event, index) => this.#sql.appendHistory.run(instanceId, begin + index, JSON.stringify(event)));
  }
}
