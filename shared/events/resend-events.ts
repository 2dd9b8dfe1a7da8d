import type { Clock } from "../kernel/clock.ts";
import { isoAfter } from "../kernel/clock.ts";
import type { EventStore } from "./event-store.ts";
import type { EventQueue } from "./ports.ts";
import { patienceMilliseconds } from "./tell-worker.ts";

/** Sends the messages of due events again: they were lost, or never sent. Answers how many; at most 100 in one call. */
export type ResendEvents = () => Promise<number>;

interface ResendEventsDeps {
  readonly events: EventStore;
  readonly queue: EventQueue;
  readonly clock: Clock;
}

const batchMax = 100;

/** Due again before it is sent, so that two timers that meet send one message, and a queue that is away is asked again. */
export const makeResendEvents =
  ({ events, queue, clock }: ResendEventsDeps): ResendEvents =>
  async () => {
    let sent = 0;
    for (const { id, dueAt } of await events.due(clock(), batchMax)) {
      const next = isoAfter(clock(), patienceMilliseconds);
      const taken = await events.change(id, (event) =>
        event.state === "received" && event.dueAt === dueAt ? { ...event, dueAt: next } : null,
      );
      if (taken === undefined) continue;
      await queue.send(id);
      sent += 1;
    }
    return sent;
  };
