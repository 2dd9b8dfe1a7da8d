import type { Clock } from "../kernel/clock.ts";
import { isoAfter } from "../kernel/clock.ts";
import type { Logger } from "../kernel/logger.ts";
import type { EventStore } from "./event-store.ts";
import type { Event } from "./event.ts";
import type { EventQueue } from "./ports.ts";

export interface IncomingEvent extends Pick<Event, "source" | "type" | "reference" | "occurredAt"> {
  /** The vendor's own key of this occurrence: the same in every repetition. */
  readonly key: string;
}

/** Keeps a verified event and tells a worker. A repetition is not new. @throws DomainError `invalid-input` for a bad key */
export type AcceptEvent = (incoming: IncomingEvent) => Promise<{ readonly isNew: boolean }>;

interface AcceptEventDeps {
  readonly events: EventStore;
  readonly queue: EventQueue;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Longer than a vendor repeats one (Stripe: 30 days by hand), so that a late repetition is still known. */
const keptMilliseconds = 35 * 24 * 60 * 60_000;
/** A message that has not led to anything by then is taken for lost. */
const patienceMilliseconds = 60_000;

/** Once the event is stored nothing can lose it: what is not told to a worker now is told by `resendEvents`. */
export const makeAcceptEvent = ({ events, queue, clock, log }: AcceptEventDeps): AcceptEvent => {
  const tell = async (id: string): Promise<void> => {
    try {
      await queue.send(id);
    } catch (error) {
      const reason = error instanceof Error ? error.name : "unknown failure";
      log.warn("an event is stored, but its message could not be sent; it is sent again later", { id, reason });
    }
  };
  return async ({ source, key, type, reference, occurredAt }) => {
    const now = clock();
    const id = `${source}:${key}`;
    const receivedAt = now.toISOString();
    const isNew = await events.create({
      ...{ id, source, type, reference, occurredAt, receivedAt },
      ...{ state: "received", attempts: 0, detail: null, settledAt: null, leaseUntil: null },
      sortKey: `${receivedAt}#${id}`,
      dueAt: isoAfter(now, patienceMilliseconds),
      expiresAt: isoAfter(now, keptMilliseconds),
    });
    if (isNew || (await events.find(id))?.state === "received") await tell(id);
    return { isNew };
  };
};
