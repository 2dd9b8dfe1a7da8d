import { randomBytes } from "node:crypto";
import type { Clock } from "../shared/kernel/clock.ts";
import type { Logger } from "../shared/kernel/logger.ts";
import type { Engine } from "./engine/ports.ts";
import type { Lease } from "./host/lease.ts";
import type { Links } from "./links/ports.ts";
import { makeEventHub } from "./simulations/event-hub.ts";
import { recordId } from "./simulations/names.ts";
import { makeOperations } from "./simulations/operations.ts";
import type { HostCapacity, SimulationStore, TopologyRules } from "./simulations/ports.ts";
import { makeQueue } from "./simulations/queue.ts";
import { makeReconcile } from "./simulations/reconcile.ts";
import { makeReconciler } from "./simulations/reconciler.ts";
import { makeRecords } from "./simulations/records.ts";
import { makeShapeLinks } from "./simulations/shape-links.ts";
import { makeSimulationServices } from "./simulations/simulation-services.ts";
import type { Operation, Simulation } from "./simulations/simulation.ts";

interface Deps {
  readonly store: SimulationStore;
  readonly engine: Engine;
  readonly links: Links;
  readonly lease: Lease;
  readonly requireWalls: () => void;
  readonly rules: TopologyRules;
  readonly capacity: HostCapacity;
  /** Ids of the allowed images by the names that topologies use. */
  readonly imageIds: ReadonlyMap<string, string>;
  readonly avoidSubnet: (subnet: string) => void;
  /** Told of each operation that has ended. */
  readonly onOperation: (operation: Operation) => void;
  readonly clock: Clock;
  readonly log: Logger;
}

const idBytes = 13;
/** Simulations of one tenant that are worked on at the same time. */
const perTenantMax = 3;

/** What keeps simulations and changes them, wired. */
export const buildSimulations = (deps: Deps) => {
  const { store, engine, links, lease, requireWalls, rules, capacity, imageIds, avoidSubnet, onOperation, clock, log } =
    deps;
  const hub = makeEventHub();
  const records = makeRecords({ store, hub, clock });
  const operations = makeOperations({
    store,
    records,
    clock,
    newId: () => recordId("op", randomBytes(idBytes)),
    onEnded: onOperation,
  });
  const shapeLinks = makeShapeLinks({ engine, links, records });
  const reconcile = makeReconcile({
    ...{ engine, store, records, operations, shapeLinks, requireWalls, avoidSubnet, clock, log },
    imageId: (name) => imageIds.get(name),
    fence: () => lease.fence(),
  });
  const reconciler = makeReconciler({ reconcile, log, random: Math.random, perTenantMax });
  const wake = (tenantId: string, id: string): void => reconciler.wake(tenantId, id);
  const needOf = ({ topology }: Simulation) => rules.budgetOf(topology, "free");
  const queue = makeQueue({ store, records, capacity, needOf, clock, wake });
  const services = makeSimulationServices({
    ...{ store, records, operations, queue, rules, capacity, clock, wake, hub, shapeLinks },
    newId: () => recordId("sim", randomBytes(idBytes)),
  });
  return { hub, records, reconciler, queue, services, shapeLinks, wake };
};
export type Simulations = ReturnType<typeof buildSimulations>;
