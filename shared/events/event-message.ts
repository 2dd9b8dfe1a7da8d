import { z } from "zod";

/** What a message of the queue says: ids of events, so that many that come at once need one message. */
const EventMessage = z.array(z.string().min(1)).min(1);

/** The ids a message names; its text or, as the Functions library hands it on, the JSON it holds. @throws Error */
export const eventIdsOf = (message: unknown): readonly string[] => {
  const parsed = EventMessage.safeParse(typeof message === "string" ? JSON.parse(message) : message);
  if (!parsed.success) throw new Error("The message is no list of event ids.");
  return parsed.data;
};
