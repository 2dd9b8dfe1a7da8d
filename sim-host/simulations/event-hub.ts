import type { SimulationEvent } from "./simulation.ts";

type Listener = (event: SimulationEvent) => void;

/** Tells those who listen now. What was missed is in the store. */
export interface EventHub {
  publish(tenantId: string, simulationId: string, event: SimulationEvent): void;
  /** Until the returned function is called. */
  subscribe(tenantId: string, simulationId: string, listener: Listener): () => void;
}

export const makeEventHub = (): EventHub => {
  const listeners = new Map<string, Set<Listener>>();
  const keyOf = (tenantId: string, simulationId: string): string => `${tenantId}|${simulationId}`;
  return {
    publish(tenantId, simulationId, event) {
      for (const listener of listeners.get(keyOf(tenantId, simulationId)) ?? []) listener(event);
    },
    subscribe(tenantId, simulationId, listener) {
      const key = keyOf(tenantId, simulationId);
      const those = listeners.get(key) ?? new Set();
      listeners.set(key, those.add(listener));
      return () => {
        those.delete(listener);
        if (those.size === 0) listeners.delete(key);
      };
    },
  };
};
