import type { Clock } from "../kernel/clock.ts";
import { isoAfter } from "../kernel/clock.ts";
import type { EventStore } from "./event-store.ts";
import type { Event } from "./event.ts";
import type { TellWorker } from "./tell-worker.ts";
import { patienceMilliseconds } from "./tell-worker.ts";

export interface IncomingEvent extends Pick<Event, "source" | "type" | "reference" | "occurredAt"> {
  /** The vendor's own key of this occurrence: the same in every repetition. */
  readonly key: string;
}

/** Keeps a verified event and tells a worker. A repetition is not new. @throws DomainError `invalid-input` for a bad key */
export type AcceptEvent = (incoming: IncomingEvent) => Promise<{ readonly isNew: boolean }>;

interface AcceptEventDeps {
  readonly events: EventStore;
  readonly tell: TellWorker;
  readonly clock: Clock;
}

/** Longer than a vendor repeats one (Stripe: 30 days by hand), so that a late repetition is still known. */
export const keptMilliseconds = 35 * 24 * 60 * 60_000;

/** Once the event is stored nothing can lose it: what is not told to a worker now is told by `resendEvents`. */
export const makeAcceptEvent =
  ({ events, tell, clock }: AcceptEventDeps): AcceptEvent =>
  async ({ source, key, type, reference, occurredAt }) => {
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
