import type { EventHub } from "./event-hub.ts";
import type { SimulationStore } from "./ports.ts";
import type { SimulationEvent } from "./simulation.ts";

const pageSize = 100;

interface News {
  isThere: boolean;
  arrived: () => void;
}

/** What came since the last look counts as well. */
const untilNoticed = (news: News): Promise<void> =>
  new Promise((resolve) => {
    news.arrived = resolve;
    if (news.isThere) resolve();
  });

/**
 * Events after that number, then new ones as they happen, in order and without gaps, until the signal or until the
 * simulation is gone. Read from the store each time, so a slow reader holds nothing in memory.
 */
export const followEvents = async function* (
  { store, hub }: { readonly store: SimulationStore; readonly hub: EventHub },
  { tenantId, id, afterSequence }: { readonly tenantId: string; readonly id: string; readonly afterSequence: number },
  signal: AbortSignal,
): AsyncGenerator<SimulationEvent> {
  const tenant = store.forTenant(tenantId);
  let last = afterSequence;
  const news = { isThere: false, arrived: (): void => undefined };
  const notice = (): void => {
    news.isThere = true;
    news.arrived();
  };
  const unsubscribe = hub.subscribe(tenantId, id, notice);
  signal.addEventListener("abort", notice);
  try {
    while (!signal.aborted) {
      news.isThere = false;
      const events = tenant.listEvents(id, last, pageSize);
      for (const event of events) {
        last = event.sequence;
        yield event;
      }
      if (events.length > 0) continue;
      if (tenant.find(id) === undefined) return;
      await untilNoticed(news);
    }
  } finally {
    unsubscribe();
    signal.removeEventListener("abort", notice);
  }
};
