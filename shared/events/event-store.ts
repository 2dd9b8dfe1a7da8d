import { z } from "zod";
import type { DocumentStore, Stored } from "../documents/document-store.ts";
import { DocumentChanged, DocumentConflict } from "../documents/document-store.ts";
import type { EventState } from "./event.ts";
import { Event, eventsContainer } from "./event.ts";

/** An event with what only its keeping needs. */
export const KeptEvent = Event.extend({
  /** `<receivedAt>#<id>`: unique, in the order of arrival. */
  sortKey: z.string(),
  /** Nobody else handles it before then; null: nobody does. */
  leaseUntil: z.string().nullable(),
  /** Still received by then: its message is taken for lost and sent again. */
  dueAt: z.string(),
});
export type KeptEvent = z.infer<typeof KeptEvent>;

/** Changes of an event; null leaves it as it is. */
export type ChangeEvent = (event: KeptEvent) => KeptEvent | null;

export interface EventStore {
  /** False: there is one with this id already. @throws DomainError `invalid-input` for an id that cannot be stored */
  create(event: KeptEvent): Promise<boolean>;
  find(id: string): Promise<KeptEvent | undefined>;
  /** Changes the newest version once; undefined when there is none, it was left, or somebody else was faster. */
  change(id: string, change: ChangeEvent): Promise<KeptEvent | undefined>;
  /** Those in `state`, newest first, older than `before` (a `sortKey`). */
  list(state: EventState, limit: number, before?: string): Promise<readonly KeptEvent[]>;
  /** Those still received that were due before `now`, the longest due first. */
  due(now: Date, limit: number): Promise<readonly KeptEvent[]>;
  /** Removes up to `limit` that have expired; answers how many. */
  sweep(now: Date, limit: number): Promise<number>;
}

/** Undefined instead of an error when somebody else was faster. */
const unlessLost = async <T>(write: Promise<T>): Promise<T | undefined> => {
  try {
    return await write;
  } catch (error) {
    if (error instanceof DocumentChanged || error instanceof DocumentConflict) return undefined;
    throw error;
  }
};

export const openEventStore = (store: DocumentStore): EventStore => {
  const events = store.container(eventsContainer, (raw) => KeptEvent.parse(raw));
  const remove = async ({ value, etag }: Stored<KeptEvent>): Promise<number> =>
    (await unlessLost(events.delete(value.id, value.id, etag).then(() => 1))) ?? 0;
  return {
    create: async (event) => (await unlessLost(events.create(event))) !== undefined,
    find: async (id) => (await events.read(id, id))?.value,
    async change(id, change) {
      const found = await events.read(id, id);
      if (found === undefined) return undefined;
      const next = change(found.value);
      return next === null ? undefined : (await unlessLost(events.replace(next, found.etag)))?.value;
    },
    async list(state, limit, before) {
      const range = before === undefined ? {} : { range: { sortKey: { lessThan: before } } };
      const orderBy = { member: "sortKey", direction: "descending" as const };
      const found = await events.query({ equal: { state }, ...range, orderBy, limit });
      return found.map(({ value }) => value);
    },
    async due(now, limit) {
      const found = await events.query({
        equal: { state: "received" },
        range: { dueAt: { lessThan: now.toISOString() } },
        orderBy: { member: "dueAt", direction: "ascending" },
        limit,
      });
      return found.map(({ value }) => value);
    },
    async sweep(now, limit) {
      const range = { expiresAt: { lessThan: now.toISOString() } };
      const orderBy = { member: "expiresAt", direction: "ascending" as const };
      const removed = await Promise.all((await events.query({ range, orderBy, limit })).map(remove));
      return removed.reduce((sum, one) => sum + one, 0);
    },
  };
};
