import { randomBytes } from "node:crypto";
import { DomainError } from "../../shared/kernel/errors.ts";
import type { Plan } from "../../shared/tenants/plan.ts";
import { makeReapOrphans } from "../../sim-host/host/reap-orphans.ts";
import type { Links, PortState } from "../../sim-host/links/ports.ts";
import { makeEventHub } from "../../sim-host/simulations/event-hub.ts";
import { recordId } from "../../sim-host/simulations/names.ts";
import { makeOperations } from "../../sim-host/simulations/operations.ts";
import type { HostCapacity, SimulationStore, TenantStanding, TopologyRules } from "../../sim-host/simulations/ports.ts";
import { makeQueue } from "../../sim-host/simulations/queue.ts";
import { makeReconcile } from "../../sim-host/simulations/reconcile.ts";
import { makeReconciler } from "../../sim-host/simulations/reconciler.ts";
import { makeRecords } from "../../sim-host/simulations/records.ts";
import { makeShapeLinks } from "../../sim-host/simulations/shape-links.ts";
import { makeSimulationServices } from "../../sim-host/simulations/simulation-services.ts";
import type { SqliteStore } from "../../sim-host/store/sqlite-store.ts";
import { sqliteStore } from "../../sim-host/store/sqlite-store.ts";
import type { Topology } from "../../sim-host/topology/topology.ts";
import type { MemoryEngine } from "./memory-engine.ts";
import { memoryEngine } from "./memory-engine.ts";

/** A standing of a tenant of that name. */
export const aStanding = (tenantId: string, plan: Plan = "pro"): TenantStanding => ({
  ...{ tenantId, plan, isActive: true, subject: { sub: `${tenantId}-owner`, orgId: `${tenantId}-org` } },
});

/** A topology in which every node is on one link, `lan`. */
export const aTopology = (nodes: readonly string[], more: Partial<Topology> = {}): Topology => ({
  name: "lab",
  seed: 1,
  nodes: nodes.map((name) => ({
    ...{ name, image: "toolbox", environment: {}, limits: { memoryMegabytes: 64, cpus: 0.25, pidsMax: 64 } },
  })),
  links: nodes.length < 2 ? [] : [{ name: "lan", nodes, impairment: {}, directions: [] }],
  timeline: [],
  assertions: [],
  ...more,
});

/** Reads a Topology that was written as JSON; what files look like is the topology room's. */
export const plainRules: TopologyRules = {
  read: (source) => ({ kind: "read", topology: JSON.parse(source) as Topology, findings: [] }),
  budgetOf: ({ nodes, links }) => ({
    nodes: nodes.length,
    links: links.length,
    memoryMegabytes: nodes.reduce((sum, { limits }) => sum + limits.memoryMegabytes, 0),
    cpus: nodes.reduce((sum, { limits }) => sum + limits.cpus, 0),
    addresses: links.reduce((sum, link) => sum + link.nodes.length, 0),
    minutes: 60,
    runMinutes: 0,
  }),
  lacksOf: ({ nodes }, plan) =>
    plan === "free" && nodes > 5
      ? { lacks: [`The plan free has 5 nodes.`], requiredPlan: "pro" }
      : { lacks: [], requiredPlan: null },
  limitsOf: (plan) => ({ simulationsMax: { free: 1, pro: 5, enterprise: 25 }[plan], minutesMax: 60 }),
};

export interface MemoryLinks extends Links {
  readonly ports: ReadonlyMap<string, PortState>;
}

const memoryLinks = (): MemoryLinks => {
  const ports = new Map<string, PortState>();
  return {
    ports,
    apply: (port) => Promise.resolve(void ports.set(port.portId, port)),
    release: (portId) => Promise.resolve(void ports.delete(portId)),
    check: () => Promise.resolve(),
    counters: () => Promise.resolve([]),
    capture: () => {
      throw new Error("Links in memory carry nothing.");
    },
    ping: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
};

/** The first 64 of 10.111.0.0/16. */
const allocate = (taken: ReadonlySet<string>, count: number): readonly string[] | undefined => {
  const all = Array.from({ length: 64 }, (_, index) => `10.111.${Math.floor(index / 8)}.${(index % 8) * 32}/27`);
  const free = all.filter((subnet) => !taken.has(subnet)).slice(0, count);
  return free.length < count ? undefined : free;
};

const writes = [
  "insert",
  "replace",
  "remove",
  "putOperation",
  "addEvent",
  "keepAnswer",
  "inTransaction",
  "claimSubnets",
  "freeSubnet",
];

/** The same object, whose writes are told of before and after, and do not happen when the listener throws. */
const watched = <T extends object>(target: T, onWrite: (name: string, moment: "before" | "after") => void): T =>
  new Proxy(target, {
    get(object, name, receiver): unknown {
      const member: unknown = Reflect.get(object, name, receiver);
      if (typeof member !== "function" || typeof name !== "string" || !writes.includes(name)) return member;
      return (...args: readonly unknown[]): unknown => {
        onWrite(name, "before");
        const result: unknown = Reflect.apply(member, object, args);
        onWrite(name, "after");
        return result;
      };
    },
  });

/** A store that dies with the engine's user: see `onCall` of the engine in memory. */
const mortalStore = (store: SimulationStore, engine: MemoryEngine): SimulationStore => {
  const onWrite = (name: string, moment: "before" | "after"): void => engine.onCall(name, moment);
  return {
    forTenant: (tenantId) => watched(store.forTenant(tenantId), onWrite),
    host: watched(store.host, onWrite),
  };
};

export interface HostParts {
  readonly store?: SqliteStore;
  readonly engine?: MemoryEngine;
  readonly capacity?: HostCapacity;
  readonly now?: () => Date;
  readonly areWallsUp?: () => boolean;
  readonly rules?: TopologyRules;
}

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** Everything of a host but its engine, links and clock, which are in memory; another one on the same store is a restart. */
export const aHost = (parts: HostParts = {}) => {
  const clock = parts.now ?? (() => new Date());
  const file = parts.store ?? sqliteStore({ file: ":memory:", allocate, clock });
  const engine = parts.engine ?? memoryEngine();
  const store = mortalStore(file, engine);
  const links = memoryLinks();
  const hub = makeEventHub();
  const records = makeRecords({ store, hub, clock });
  const operations = makeOperations({ store, records, clock, newId: () => recordId("op", randomBytes(16)) });
  const shapeLinks = makeShapeLinks({ engine, links, records });
  const requireWalls = (): void => {
    if (parts.areWallsUp?.() === false) throw new DomainError("walls-down", "The walls are down.");
  };
  const reconcile = makeReconcile({
    ...{
      engine,
      store,
      records,
      operations,
      shapeLinks,
      clock,
      log: silent,
      requireWalls,
      avoidSubnet: () => undefined,
    },
    imageId: (name) => (name === "toolbox" ? `sha256:${"1".repeat(64)}` : undefined),
    fence: () => 1,
  });
  const reconciler = makeReconciler({ reconcile, log: silent, random: Math.random, perTenantMax: 4 });
  const capacity = parts.capacity ?? { memoryMegabytes: 100_000, cpus: 1_000, simulationsMax: 1_000 };
  const wake = (tenantId: string, id: string): void => reconciler.wake(tenantId, id);
  const needOf = ({ topology }: { topology: Topology }) => plainRules.budgetOf(topology, "free");
  const queue = makeQueue({ store, records, capacity, needOf, clock, wake });
  const services = makeSimulationServices({
    ...{ store, records, operations, queue, capacity, clock, wake, hub, shapeLinks, rules: parts.rules ?? plainRules },
    newId: () => recordId("sim", randomBytes(16)),
  });
  const reapOrphans = makeReapOrphans({ engine, store, records, wake, isOurs: () => false, log: silent });
  return { file, store, engine, links, hub, records, reconcile, reconciler, queue, services, reapOrphans, wake };
};
