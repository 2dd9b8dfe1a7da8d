import type { Clock } from "../kernel/clock.ts";
import { isoAfter } from "../kernel/clock.ts";
import { DomainError } from "../kernel/errors.ts";
import type { Logger } from "../kernel/logger.ts";
import type { EventStore, KeptEvent } from "./event-store.ts";
import { keptMilliseconds } from "./accept-event.ts";
import type { TellWorker } from "./tell-worker.ts";
import { patienceMilliseconds } from "./tell-worker.ts";

export interface ReplayEvents {
  /** Has one event handled anew, whatever came of it before. @throws DomainError `not-found` */
  one(eventId: string, by: string): Promise<void>;
  /** Has the newest failed events handled anew, up to `limit`; answers their ids. */
  failed(limit: number, by: string): Promise<readonly string[]>;
}

interface ReplayEventsDeps {
  readonly events: EventStore;
  readonly tell: TellWorker;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Handlers read the vendor's record, so handling an event that was done does no harm. */
export const makeReplayEvents = ({ events, tell, clock, log }: ReplayEventsDeps): ReplayEvents => {
  const renewed = (event: KeptEvent): KeptEvent | null => {
    if (event.state === "received") return null;
    const now = clock();
    return {
      ...event,
      ...{ state: "received", attempts: 0, detail: null, settledAt: null, leaseUntil: null },
      dueAt: isoAfter(now, patienceMilliseconds),
      expiresAt: isoAfter(now, keptMilliseconds),
    };
  };
  const replay = async (id: string, by: string): Promise<void> => {
    const changed = await events.change(id, renewed);
    log.info("an event is replayed", { eventId: id, by, isNew: changed !== undefined });
    await tell(id);
  };
  return {
    async one(eventId, by) {
      const event = await events.find(eventId);
      if (event === undefined) throw new DomainError("not-found", "There is no event with this id.");
      await replay(event.id, by);
    },
    async failed(limit, by) {
      const found = await events.list("failed", limit);
      for (const { id } of found) await replay(id, by);
      return found.map(({ id }) => id);
    },
  };
};
