import { z } from "zod";
import type { ContainerDefinition } from "../documents/document-store.ts";

export const eventSources = ["stripe", "zitadel"] as const;
export type EventSource = (typeof eventSources)[number];

const eventStates = ["received", "done", "ignored", "failed"] as const;
export const EventState = z.enum(eventStates);
export type EventState = z.infer<typeof EventState>;

/**
 * Something a vendor says has happened (contract 1): a reason to look at the vendor's own record again, never the truth
 * itself. Instants are ISO 8601 in UTC.
 */
export const Event = z.object({
  /** `<source>:<key>`; the key is the vendor's own for one occurrence, so that a repetition has the same id. */
  id: z.string(),
  source: z.enum(eventSources),
  /** The vendor's name for what happened. */
  type: z.string(),
  /** Only the ids by which a handler reads the vendor's record: no payload, mail address or secret. */
  reference: z.record(z.string(), z.string()),
  occurredAt: z.string(),
  receivedAt: z.string(),
  state: EventState,
  /** How often a handler was begun since it was received or replayed. */
  attempts: z.int().nonnegative(),
  /** Why the latest attempt failed, in words that name nobody. */
  detail: z.string().nullable(),
  settledAt: z.string().nullable(),
  expiresAt: z.string(),
});
export type Event = z.infer<typeof Event>;

/** One document per event. What is older than `expiresAt` is swept away. */
export const eventsContainer: ContainerDefinition = {
  name: "events",
  partitionKey: "id",
  indexes: ["state", "source", "sortKey", "dueAt", "expiresAt"],
};
