import type { Event } from "./event.ts";

export interface IncomingEvent extends Pick<Event, "source" | "type" | "reference" | "occurredAt"> {
  /** The vendor's own key of this occurrence: the same in every repetition. */
  readonly key: string;
}

/** Keeps a verified event and tells a worker. A repetition is not new. @throws DomainError `invalid-input` for a bad key */
export type AcceptEvent = (incoming: IncomingEvent) => Promise<{ readonly isNew: boolean }>;
