import type { DocumentStore, Stored } from "../documents/document-store.ts";
import { DocumentChanged, DocumentConflict } from "../documents/document-store.ts";
import type { Clock } from "../kernel/clock.ts";
import type { RetryPolicy } from "../kernel/retry.ts";
import { retryContention } from "../kernel/retry.ts";
import { Operation, operationsContainer } from "./operation.ts";

/** The operations one organisation may see. Another organisation's id is simply not there. */
export interface OwnedOperations {
  /** Creates the operation unless its id exists already. */
  begin(operation: Operation): Promise<void>;
  find(id: string): Promise<Operation | undefined>;
  /** Applies a change to the newest version; `change` may return undefined to leave it. Undefined: no such operation. */
  update(id: string, change: (operation: Operation) => Operation | undefined): Promise<Operation | undefined>;
}

export interface OperationLog {
  forOwner(owner: string): OwnedOperations;
  /** Operations under way whose worker is gone (its lease has run out). */
  running(limit: number): Promise<readonly Operation[]>;
  /** Operations that wait for room, in order of acceptance. */
  waiting(limit: number): Promise<readonly Operation[]>;
  /** For operators: unfinished ones, oldest first, and those begun since then that failed, newest first; 500 of each. */
  recent(
    sinceIso: string,
  ): Promise<{ readonly unfinished: readonly Operation[]; readonly failed: readonly Operation[] }>;
}

const recentMax = 500;

const valuesOf = (found: readonly Stored<Operation>[]): readonly Operation[] => found.map(({ value }) => value);

export const openOperationLog = (store: DocumentStore, clock: Clock, contention: RetryPolicy): OperationLog => {
  const operations = store.container(operationsContainer, (raw) => Operation.parse(raw));
  const isContention = (error: unknown): boolean => error instanceof DocumentChanged;
  const apply = async (found: Stored<Operation>, change: (operation: Operation) => Operation | undefined) => {
    const next = change(found.value);
    if (next === undefined) return found.value;
    return (await operations.replace(next, found.etag)).value;
  };
  return {
    forOwner: (owner) => ({
      async begin(operation) {
        try {
          await operations.create(operation);
        } catch (error) {
          if (!(error instanceof DocumentConflict)) throw error;
        }
      },
      find: async (id) => (await operations.read(owner, id))?.value,
      update: (id, change) =>
        retryContention(contention, isContention, async () => {
          const found = await operations.read(owner, id);
          return found === undefined ? undefined : apply(found, change);
        }),
    }),
    async running(limit) {
      const range = { leaseUntil: { lessThan: clock().toISOString() } };
      const orderBy = { member: "leaseUntil", direction: "ascending" as const };
      return valuesOf(await operations.query({ equal: { status: "running" }, range, orderBy, limit }));
    },
    async waiting(limit) {
      const orderBy = { member: "createdAt", direction: "ascending" as const };
      return valuesOf(await operations.query({ equal: { status: "waiting" }, orderBy, limit }));
    },
    async recent(sinceIso) {
      const inState = async (status: Operation["status"], direction: "ascending" | "descending") => {
        const range = status === "failed" ? { range: { createdAt: { greaterThan: sinceIso } } } : {};
        const orderBy = { member: "createdAt", direction };
        return valuesOf(await operations.query({ equal: { status }, ...range, orderBy, limit: recentMax }));
      };
      const unfinished = [...(await inState("running", "ascending")), ...(await inState("waiting", "ascending"))];
      return {
        unfinished: unfinished.toSorted((one, other) => one.createdAt.localeCompare(other.createdAt)),
        failed: await inState("failed", "descending"),
      };
    },
  };
};
