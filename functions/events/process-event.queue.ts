import { eventIdsOf } from "../../shared/events/event-message.ts";
import type { ProcessEvent } from "../../shared/events/process-event.ts";
import { eventsQueue } from "./event-services.ts";
import type { QueueWorker } from "./queue-worker.ts";

interface Deps {
  readonly processEvent: ProcessEvent;
}

/**
 * Handles the events of a message one after the other, so that vendors are not asked more at once than messages are taken.
 * One that fails keeps no other from being handled; the message then comes again, and what is settled is left alone.
 */
export const processEventQueue = ({ processEvent }: Deps): QueueWorker => ({
  name: "process-event",
  queue: eventsQueue,
  run: async (message) => {
    const failures: unknown[] = [];
    for (const id of eventIdsOf(message)) {
      try {
        await processEvent(id);
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, `${failures.length} events could not be handled.`);
  },
});
