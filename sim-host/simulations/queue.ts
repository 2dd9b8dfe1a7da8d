import type { Clock } from "../../shared/kernel/clock.ts";
import type { NeedOf } from "./admission.ts";
import { admissible, placeInQueue } from "./admission.ts";
import type { HostCapacity, SimulationStore } from "./ports.ts";
import type { Records } from "./records.ts";
import type { Simulation } from "./simulation.ts";
import { withStatus } from "./simulation-rules.ts";

/** Those who wait for room on the host. */
export interface Queue {
  /** Starts whoever has room now. */
  admit(): void;
  /** Undefined when it does not wait. */
  placeOf(simulation: Simulation): { readonly place: number; readonly expectedAt: string | null } | undefined;
}

interface Deps {
  readonly store: SimulationStore;
  readonly records: Records;
  readonly capacity: HostCapacity;
  readonly needOf: NeedOf;
  readonly clock: Clock;
  readonly wake: (tenantId: string, id: string) => void;
}

export const makeQueue = ({ store, records, capacity, needOf, clock, wake }: Deps): Queue => ({
  admit() {
    const queued = store.host.listQueued();
    if (queued.length === 0) return;
    for (const { tenantId, id } of admissible(capacity, store.host.listActive(), queued, needOf)) {
      records.update(tenantId, id, (present) =>
        present.status === "queued" ? withStatus(present, "starting", clock()) : present,
      );
      wake(tenantId, id);
    }
  },
  placeOf({ id, status }) {
    if (status !== "queued") return undefined;
    return placeInQueue(id, { capacity, active: store.host.listActive(), queued: store.host.listQueued() }, needOf);
  },
});
