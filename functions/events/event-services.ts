import type { DocumentStore } from "../../shared/documents/document-store.ts";
import { makeAcceptEvent } from "../../shared/events/accept-event.ts";
import { openEventStore } from "../../shared/events/event-store.ts";
import { makeFailEvent } from "../../shared/events/fail-event.ts";
import type { EventHandlers } from "../../shared/events/handle-event.ts";
import type { EventQueue } from "../../shared/events/ports.ts";
import { makeProcessEvent } from "../../shared/events/process-event.ts";
import type { RaiseAlert } from "../../shared/events/raise-alert.ts";
import { makeReplayEvents } from "../../shared/events/replay-event.ts";
import { makeResendEvents } from "../../shared/events/resend-events.ts";
import { makeTellWorker } from "../../shared/events/tell-worker.ts";
import type { Clock } from "../../shared/kernel/clock.ts";
import type { Logger } from "../../shared/kernel/logger.ts";

/** The storage queue between webhooks and workers; host.json says how often a message is tried. */
export const eventsQueue = "events";

interface EventParts {
  readonly documents: DocumentStore;
  readonly queue: EventQueue;
  readonly handlers: EventHandlers;
  readonly raiseAlert: RaiseAlert;
  readonly clock: Clock;
  readonly log: Logger;
}

const sweptMax = 500;

/** The use cases of vendors' events, wired once. */
export const buildEventServices = (parts: EventParts) => {
  const events = openEventStore(parts.documents);
  const tell = makeTellWorker(parts.queue, parts.log);
  const failEvent = makeFailEvent({ ...parts, events });
  return {
    events,
    acceptEvent: makeAcceptEvent({ ...parts, events, tell }),
    processEvent: makeProcessEvent({ ...parts, events, failEvent }),
    failEvent,
    replayEvents: makeReplayEvents({ ...parts, events, tell }),
    resendEvents: makeResendEvents({ ...parts, events }),
    sweepEvents: async () => {
      await events.sweep(parts.clock(), sweptMax);
    },
  };
};
