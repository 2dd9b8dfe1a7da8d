import type { Clock } from "../kernel/clock.ts";
import { isoAfter } from "../kernel/clock.ts";
import { DomainError } from "../kernel/errors.ts";
import type { Logger } from "../kernel/logger.ts";
import type { EventStore, KeptEvent } from "./event-store.ts";
import type { FailEvent } from "./fail-event.ts";
import type { EventHandlers } from "./handle-event.ts";

/**
 * Handles the event of one message. A message whose event is settled, or is being handled, is done with.
 * @throws what the handler threw, so that the queue brings the message again
 */
export type ProcessEvent = (eventId: string) => Promise<void>;

interface ProcessEventDeps {
  readonly events: EventStore;
  readonly handlers: EventHandlers;
  readonly failEvent: FailEvent;
  readonly clock: Clock;
  readonly log: Logger;
}

/** A handler whose worker was killed is begun again after this; handlers end within it. */
const leaseMilliseconds = 60_000;
/** The queue brings a message back five times, about half a minute apart; only then is it taken for lost. */
const retryingMilliseconds = 5 * 60_000;
/** A message dies after five attempts. More than these can only come of workers that are killed at this event. */
const attemptsMax = 12;

/** Kinds and our own sentences only: a vendor's message may repeat a mail address. */
const reasonOf = (error: unknown): string => {
  if (error instanceof DomainError) return `${error.code}: ${error.message}`;
  return error instanceof Error ? error.name : "unknown failure";
};

export const makeProcessEvent = ({ events, handlers, failEvent, clock, log }: ProcessEventDeps): ProcessEvent => {
  const claim = (id: string): Promise<KeptEvent | undefined> => {
    const now = clock();
    return events.change(id, (event) => {
      const isTaken = event.leaseUntil !== null && event.leaseUntil > now.toISOString();
      if (event.state !== "received" || isTaken || event.attempts >= attemptsMax) return null;
      const leaseUntil = isoAfter(now, leaseMilliseconds);
      return { ...event, attempts: event.attempts + 1, leaseUntil, dueAt: leaseUntil };
    });
  };
  /** Unless the lease has passed to somebody else, who then says how it ends. */
  const settle = (claimed: KeptEvent, outcome: Partial<KeptEvent>) =>
    events.change(claimed.id, (event) =>
      event.state === "received" && event.leaseUntil === claimed.leaseUntil
        ? { ...event, leaseUntil: null, ...outcome }
        : null,
    );
  const handle = async (event: KeptEvent): Promise<"done" | "ignored"> => {
    const handler = handlers[event.source];
    if (handler === undefined) throw new DomainError("unavailable", `Nobody handles events of ${event.source}.`);
    return handler(event);
  };
  return async (eventId) => {
    const claimed = await claim(eventId);
    if (claimed === undefined) {
      const event = await events.find(eventId);
      if (event === undefined) log.warn("a message names an event that is not there", { eventId });
      else if (event.state === "received" && event.attempts >= attemptsMax) await failEvent(eventId);
      return;
    }
    try {
      const state = await handle(claimed);
      await settle(claimed, { state, detail: null, settledAt: clock().toISOString() });
    } catch (error) {
      await settle(claimed, { detail: reasonOf(error), dueAt: isoAfter(clock(), retryingMilliseconds) });
      throw error;
    }
  };
};
