import type { DocumentStore, Stored } from "../documents/document-store.ts";
import { DocumentChanged, DocumentConflict } from "../documents/document-store.ts";
import type { Clock } from "../kernel/clock.ts";
import type { RetryPolicy } from "../kernel/retry.ts";
import { retryContention } from "../kernel/retry.ts";
import type { OperationStatus } from "./operation.ts";
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
  /** Unfinished operations whose lease has run out, oldest first: what the reconciler must take up. */
  due(status: OperationStatus, limit: number): Promise<readonly Operation[]>;
}

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
    async due(status, limit) {
      const found = await operations.query({
        equal: { status },
        range: { leaseUntil: { lessThan: clock().toISOString() } },
        orderBy: { member: "leaseUntil", direction: "ascending" },
        limit,
      });
      return found.map(({ value }) => value).sort((one, other) => (one.createdAt < other.createdAt ? -1 : 1));
    },
  };
};
