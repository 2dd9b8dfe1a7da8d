import type { Clock } from "../../shared/kernel/clock.ts";
import { DomainError } from "../../shared/kernel/errors.ts";
import type { NewEvent } from "./describe-changes.ts";
import { describeChanges } from "./describe-changes.ts";
import type { EventHub } from "./event-hub.ts";
import type { SimulationStore } from "./ports.ts";
import type { Operation, Simulation, SimulationEvent } from "./simulation.ts";

/** How records are changed: each change is one transaction with what it tells, and nobody writes in between. */
export interface Records {
  find(tenantId: string, id: string): Simulation | undefined;
  /** @throws DomainError `simulation-not-found` */
  get(tenantId: string, id: string): Simulation;
  insert(simulation: Simulation): void;
  /** The record as `change` makes it; the same object means that nothing changes. Undefined: it is gone. */
  update(tenantId: string, id: string, change: (present: Simulation) => Simulation): Simulation | undefined;
  remove(tenantId: string, id: string): void;
  /** Tells of something that changes no record. */
  tell(tenantId: string, id: string, event: NewEvent): void;
  putOperation(operation: Operation): void;
}

interface Deps {
  readonly store: SimulationStore;
  readonly hub: EventHub;
  readonly clock: Clock;
}

export const makeRecords = ({ store, hub, clock }: Deps): Records => {
  const keep = (tenantId: string, id: string, events: readonly NewEvent[]): readonly SimulationEvent[] =>
    events.map((event) => store.forTenant(tenantId).addEvent(id, { ...event, at: clock().toISOString() }));
  const publish = (tenantId: string, id: string, events: readonly SimulationEvent[]): void => {
    for (const event of events) hub.publish(tenantId, id, event);
  };
  const find: Records["find"] = (tenantId, id) => store.forTenant(tenantId).find(id);
  return {
    find,
    get(tenantId, id) {
      const simulation = find(tenantId, id);
      if (simulation !== undefined) return simulation;
      throw new DomainError("simulation-not-found", "There is no simulation with this id.");
    },
    insert(simulation) {
      const { tenantId, id } = simulation;
      const tenant = store.forTenant(tenantId);
      const events = tenant.inTransaction(() => {
        tenant.insert(simulation);
        return keep(tenantId, id, describeChanges(undefined, simulation));
      });
      publish(tenantId, id, events);
    },
    update(tenantId, id, change) {
      const tenant = store.forTenant(tenantId);
      const { after, events } = tenant.inTransaction(() => {
        const before = tenant.find(id);
        const changed = before === undefined ? undefined : change(before);
        if (before === undefined || changed === undefined || changed === before) return { after: before, events: [] };
        const next = { ...changed, revision: before.revision + 1, updatedAt: clock().toISOString() };
        tenant.replace(next);
        return { after: next, events: keep(tenantId, id, describeChanges(before, next)) };
      });
      publish(tenantId, id, events);
      return after;
    },
    remove: (tenantId, id) => store.forTenant(tenantId).remove(id),
    tell(tenantId, id, event) {
      if (find(tenantId, id) !== undefined) publish(tenantId, id, keep(tenantId, id, [event]));
    },
    putOperation: (operation) => store.forTenant(operation.tenantId).putOperation(operation),
  };
};
