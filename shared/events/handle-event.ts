import type { Event, EventSource } from "./event.ts";

/**
 * Brings our records to what the vendor says now. It must tolerate repetitions and any order, so it reads the vendor's
 * record and never trusts the event; it should end within a minute. What it throws has the event tried again.
 */
export type HandleEvent = (event: Event) => Promise<"done" | "ignored">;

export type EventHandlers = Readonly<Partial<Record<EventSource, HandleEvent>>>;
