/** Tells a worker that an event waits. At least once: a message may come twice, late, or (rarely) not at all. */
export interface EventQueue {
  /** @throws when the queue cannot be reached; the event is stored all the same and is sent again later */
  send(eventId: string): Promise<void>;
}
