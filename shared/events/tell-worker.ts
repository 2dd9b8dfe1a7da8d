import type { Logger } from "../kernel/logger.ts";
import type { EventQueue } from "./ports.ts";

/** Sends the message of a stored event. Never throws: an event whose message is not sent is taken up by `resendEvents`. */
export type TellWorker = (eventId: string) => Promise<void>;

export const makeTellWorker =
  (queue: EventQueue, log: Logger): TellWorker =>
  async (eventId) => {
    try {
      await queue.send(eventId);
    } catch (error) {
      const reason = error instanceof Error ? error.name : "unknown failure";
      log.warn("the message of a stored event could not be sent; it is sent again later", { eventId, reason });
    }
  };

/** A message that has not led to anything by then is taken for lost. */
export const patienceMilliseconds = 60_000;
