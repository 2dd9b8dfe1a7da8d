import type { Plan } from "../../shared/tenants/plan.ts";
import type { Finding } from "../topology/finding.ts";
import type { Topology } from "../topology/topology.ts";
import type { Budget } from "../topology/budget.ts";
import type { Operation, Simulation, SimulationEvent, Subject } from "./simulation.ts";

export interface Page<T> {
  readonly items: readonly T[];
  /** Where the next page begins; absent on the last one. */
  readonly next?: string;
}

/** Everything of one tenant. There is no way to ask for anybody else's. */
export interface TenantSimulations {
  /** @throws DomainError `conflict` when the id is taken */
  insert(simulation: Simulation): void;
  find(id: string): Simulation | undefined;
  /** Newest first. `after` is a page's `next`. */
  list(limit: number, after?: string): Page<Simulation>;
  count(): number;
  /** @throws DomainError `precondition-failed` when it is not at the revision before this one's, or gone */
  replace(simulation: Simulation): void;
  /** With everything that hangs on it. Nothing happens when it is gone. */
  remove(id: string): void;
  putOperation(operation: Operation): void;
  findOperation(simulationId: string, id: string): Operation | undefined;
  /** Those that are running. */
  listOperations(simulationId: string): readonly Operation[];
  /** Numbers and keeps it; the oldest beyond 1,000 of a simulation are dropped. */
  addEvent(simulationId: string, event: Omit<SimulationEvent, "sequence">): SimulationEvent;
  listEvents(simulationId: string, afterSequence: number, limit: number): readonly SimulationEvent[];
  /** What an earlier request with the same key was answered; kept for a day. */
  recallAnswer(
    key: string,
  ): { readonly requestDigest: string; readonly simulationId: string; readonly operationId: string } | undefined;
  keepAnswer(
    key: string,
    answer: { readonly requestDigest: string; readonly simulationId: string; readonly operationId: string },
  ): void;
  /** What `act` writes is written whole or not at all. */
  inTransaction<T>(act: () => T): T;
}

/** What the host itself must know of all tenants: never handed to a request. */
export interface HostSimulations {
  /** All but those that rest (stopped, failed) with nothing left in the engine. */
  listActive(): readonly Simulation[];
  /** Forgets operations that ended and were begun before that moment (ISO 8601). */
  dropOperations(begunBefore: string): void;
  /** In the order in which they came. */
  listQueued(): readonly Simulation[];
  /** Claims the lowest free subnets for these links, all or none; a link that has one keeps it. Undefined: none are left. */
  claimSubnets(
    tenantId: string,
    simulationId: string,
    links: readonly string[],
  ): Readonly<Record<string, string>> | undefined;
  /** Only after the network was seen to be gone. */
  freeSubnet(tenantId: string, simulationId: string, link: string): void;
  listSubnets(): readonly {
    readonly subnet: string;
    readonly tenantId: string;
    readonly simulationId: string;
    readonly link: string;
  }[];
  /** Takes or renews the lease of the engine: a number that grows with every new holder, or undefined while another holds it. */
  holdLease(
    engine: string,
    by: { readonly holder: string; readonly isGone: (holder: string) => boolean },
    untilMilliseconds: number,
    nowMilliseconds: number,
  ): number | undefined;
}

export interface SimulationStore {
  forTenant(tenantId: string): TenantSimulations;
  readonly host: HostSimulations;
}

/** What the control plane says of a tenant. */
export interface TenantStanding {
  readonly tenantId: string;
  readonly plan: Plan;
  /** Suspended tenants, and those that are gone, have nothing running. */
  readonly isActive: boolean;
  /** Who asks. */
  readonly subject: Subject;
}

/** What topology files mean, and what plans give. */
export interface TopologyRules {
  read(source: string):
    /** Findings are warnings. */
    | { readonly kind: "read"; readonly topology: Topology; readonly findings: readonly Finding[] }
    | { readonly kind: "invalid"; readonly findings: readonly Finding[] };
  budgetOf(topology: Topology, plan: Plan): Budget;
  lacksOf(budget: Budget, plan: Plan): { readonly lacks: readonly string[]; readonly requiredPlan: Plan | null };
  limitsOf(plan: Plan): { readonly simulationsMax: number; readonly minutesMax: number };
}

/** What the machine has for all simulations together. */
export interface HostCapacity {
  readonly memoryMegabytes: number;
  readonly cpus: number;
  readonly simulationsMax: number;
}
