import type { Clock } from "../kernel/clock.ts";
import type { EventStore } from "./event-store.ts";
import type { RaiseAlert } from "./raise-alert.ts";

/**
 * Gives an event up: it stays `failed` until an operator, who is told, replays it. One that is being handled is left, for
 * its worker settles it, or `resendEvents` takes it up. Safe to repeat.
 */
export type FailEvent = (eventId: string) => Promise<void>;

interface FailEventDeps {
  readonly events: EventStore;
  readonly raiseAlert: RaiseAlert;
  readonly clock: Clock;
}

/**
 * The state comes first: whoever is killed in between is repeated (by the poison queue or the next attempt) and raises
 * the same alert, for its id is made of when the event was given up.
 */
export const makeFailEvent =
  ({ events, raiseAlert, clock }: FailEventDeps): FailEvent =>
  async (eventId) => {
    const settledAt = clock().toISOString();
    await events.change(eventId, (event) => {
      const isHandled = event.leaseUntil !== null && event.leaseUntil > settledAt;
      return event.state === "received" && !isHandled ? { ...event, state: "failed", settledAt } : null;
    });
    const event = await events.find(eventId);
    if (event?.state !== "failed") return;
    const { id, source, type, attempts, detail, receivedAt } = event;
    await raiseAlert({
      id: `event-failed.${id}.${Date.parse(event.settledAt ?? settledAt)}`,
      type: "event.failed",
      data: { eventId: id, source, type, attempts, detail, receivedAt, failedAt: event.settledAt },
    });
  };
