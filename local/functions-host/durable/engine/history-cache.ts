import type { HistoryEvent } from "../history/history-event.ts";

interface Entry {
  readonly executionId: string;
  readonly events: readonly HistoryEvent[];
}

/** Histories of the executions that were active last, so that a turn reads nothing it has just written. */
export class HistoryCache {
  readonly #entries = new Map<string, Entry>();
  readonly #eventsMax: number;
  #eventCount = 0;

  constructor(eventsMax = 50_000) {
    this.#eventsMax = eventsMax;
  }

  get(instanceId: string, executionId: string): readonly HistoryEvent[] | undefined {
    const entry = this.#entries.get(instanceId);
    return entry?.executionId === executionId ? entry.events : undefined;
  }

  /** Keeps this history as the newest; the oldest ones make room. */
  put(instanceId: string, executionId: string, events: readonly HistoryEvent[]): void {
    this.drop(instanceId);
    this.#entries.set(instanceId, { executionId, events });
    this.#eventCount += events.length;
    for (const oldest of this.#entries.keys()) {
      if (this.#eventCount <= this.#eventsMax) break;
      this.drop(oldest);
    }
  }

  drop(instanceId: string): void {
    this.#eventCount -= this.#entries.get(instanceId)?.events.length ?? 0;
    this.#entries.delete(instanceId);
  }
}
