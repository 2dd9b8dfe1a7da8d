import type { ContainerDefinition, Document, DocumentContainer, Query, Stored } from "../documents/document-store.ts";
import { DocumentChanged, DocumentConflict } from "../documents/document-store.ts";
import type { RetryPolicy } from "../kernel/retry.ts";
import { retryContention } from "../kernel/retry.ts";

/**
 * All that is known of the instances' health. `kind` says what a document is: `watch` (one per instance), `history-*`
 * (chunks of steps), `incident`, `alert`, `maintenance`, `refusals`. What may go has `expiresAt` and is swept away; a
 * default TTL of the container must be off or longer than 400 days.
 */
export const healthContainer: ContainerDefinition = {
  name: "health",
  partitionKey: "instanceId",
  indexes: ["kind", "state", "sortKey", "dueAt", "until", "expiresAt"],
};

const pageSize = 500;
const pagesMax = 40;

/** Every document that matches, in the order of `sortKey` (which must be unique within the result); 20,000 at most. */
export const readAll = async <T extends Document & { readonly sortKey: string }>(
  container: DocumentContainer<T>,
  equal: NonNullable<Query["equal"]>,
  after = "",
): Promise<readonly T[]> => {
  const all: T[] = [];
  let last = after;
  for (let page = 0; page < pagesMax; page += 1) {
    const found = await container.query({
      equal,
      range: { sortKey: { greaterThan: last } },
      orderBy: { member: "sortKey", direction: "ascending" },
      limit: pageSize,
    });
    all.push(...found.map(({ value }) => value));
    last = all.at(-1)?.sortKey ?? last;
    if (found.length < pageSize) break;
  }
  return all;
};

const isContention = (error: unknown): boolean => error instanceof DocumentChanged || error instanceof DocumentConflict;

/**
 * Applies a change to the newest version, or makes the document. `change` may be called several times; undefined leaves
 * what is there. Answers what is stored afterwards.
 */
export const changeDocument = <T extends Document>(
  container: DocumentContainer<T>,
  contention: RetryPolicy,
  key: { readonly partition: string; readonly id: string },
  change: (existing: T | undefined) => T | undefined | Promise<T | undefined>,
): Promise<T | undefined> =>
  retryContention(contention, isContention, async () => {
    const found: Stored<T> | undefined = await container.read(key.partition, key.id);
    const next = await change(found?.value);
    if (next === undefined || next === found?.value) return found?.value;
    const stored = found === undefined ? await container.create(next) : await container.replace(next, found.etag);
    return stored.value;
  });
