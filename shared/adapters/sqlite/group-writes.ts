import type { DatabaseSync } from "node:sqlite";
import { translated } from "./failure.ts";

export interface GroupWrites {
  /**
   * Runs a write of one statement, in one transaction with what else comes in the same turn of the event loop.
   * @throws what it throws; DomainError `unavailable` for a store that is busy or full
   */
  readonly write: <T>(write: () => T) => Promise<T>;
  /** Runs what waits now. */
  readonly flush: () => void;
}

interface Waiting {
  /** Answers what tells the caller; called once its transaction is on the disk. */
  readonly run: () => () => void;
  readonly reject: (error: unknown) => void;
}

/** A commit is one sync of the log, whatever is in it. */
const groupMax = 500;

/** Runs them all and commits. Answers what tells their callers, which is done once all of it is on the disk. */
const runTogether = (database: DatabaseSync, group: readonly Waiting[]): readonly (() => void)[] => {
  // At once, for a transaction that begins as a reader may not become a writer any more.
  database.exec("BEGIN IMMEDIATE");
  try {
    const answers = group.map(({ run }) => {
      const answer = run();
      // A full disk, for example, undoes the others' writes as well.
      if (!database.isTransaction) throw new Error("SQLite has given up the transaction of a group of writes.");
      return answer;
    });
    database.exec("COMMIT");
    return answers;
  } catch (error) {
    if (database.isTransaction) database.exec("ROLLBACK");
    throw error;
  }
};

/**
 * Each write keeps the guarantees of its one statement; what is shared is the sync to the disk, which takes longer than
 * anything else. A write that fails by itself (a name that is taken) fails alone; a commit that fails, fails for all.
 */
export const groupWrites = (database: DatabaseSync): GroupWrites => {
  const waiting: Waiting[] = [];
  const flush = (): void => {
    while (waiting.length > 0) {
      const group = waiting.splice(0, groupMax);
      try {
        const answers = group.length === 1 ? group.map(({ run }) => run()) : runTogether(database, group);
        for (const tell of answers) tell();
      } catch (error) {
        for (const { reject } of group) reject(error);
      }
    }
  };
  const enter = <T>(write: () => T): Promise<T> =>
    new Promise((resolve, reject) => {
      const run = (): (() => void) => {
        try {
          const result = write();
          return () => resolve(result);
        } catch (error) {
          // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- passes on whatever was thrown
          return () => reject(error);
        }
      };
      if (waiting.length === 0) setImmediate(flush);
      waiting.push({ run, reject });
    });
  return {
    flush,
    write: async (write) => {
      try {
        return await enter(write);
      } catch (error) {
        throw translated(error);
      }
    },
  };
};
