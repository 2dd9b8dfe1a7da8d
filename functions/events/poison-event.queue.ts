import { eventIdsOf } from "../../shared/events/event-message.ts";
import type { FailEvent } from "../../shared/events/fail-event.ts";
import { eventsQueue } from "./event-services.ts";
import type { QueueWorker } from "./queue-worker.ts";

interface Deps {
  readonly failEvent: FailEvent;
}

/** Gives up the events of a message that was tried as often as host.json says (`maxDequeueCount`). */
export const poisonEventQueue = ({ failEvent }: Deps): QueueWorker => ({
  name: "poison-event",
  queue: `${eventsQueue}-poison`,
  run: async (message) => {
    for (const id of eventIdsOf(message)) await failEvent(id);
  },
});
