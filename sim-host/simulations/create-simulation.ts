import { createHash } from "node:crypto";
import type { Clock } from "../../shared/kernel/clock.ts";
import { DomainError } from "../../shared/kernel/errors.ts";
import type { Topology } from "../topology/topology.ts";
import { couldEverFit } from "./admission.ts";
import { newLinks, newNodes } from "./first-record.ts";
import type { Operations } from "./operations.ts";
import type { HostCapacity, SimulationStore, TenantStanding, TopologyRules } from "./ports.ts";
import type { Queue } from "./queue.ts";
import type { Records } from "./records.ts";
import type { SimulationServices, Started } from "./services.ts";
import type { Simulation } from "./simulation.ts";
import { isUp, withStatus } from "./simulation-rules.ts";

export interface CreateDeps {
  readonly store: SimulationStore;
  readonly records: Records;
  readonly operations: Operations;
  readonly queue: Queue;
  readonly rules: TopologyRules;
  readonly capacity: HostCapacity;
  readonly newId: () => string;
  readonly clock: Clock;
}

/** Kept ones take no room in the engine; this many bound the database. */
const keptPerAllowedMax = 400;

/** What has a plan's attention: everything that runs or is about to. */
const countUp = (store: SimulationStore, tenantId: string): number =>
  store.host.listActive().filter((one) => one.tenantId === tenantId && (isUp(one) || one.status === "queued")).length;

/** The topology, if it is sound and within plan and host. @throws DomainError `topology-invalid`, `plan-required`, `no-room` */
export const readAllowed = ({ rules, capacity }: CreateDeps, { plan }: TenantStanding, source: string): Topology => {
  const read = rules.read(source);
  if (read.kind === "invalid") {
    const facts = { findings: read.findings };
    throw new DomainError("topology-invalid", "The topology has faults; see findings.", { facts });
  }
  const need = rules.budgetOf(read.topology, plan);
  const { lacks, requiredPlan } = rules.lacksOf(need, plan);
  if (lacks.length > 0) {
    throw new DomainError("plan-required", lacks.join(" "), { facts: { requiredPlan, lacks, plan } });
  }
  if (!couldEverFit(capacity, need)) {
    throw new DomainError("no-room", "No host of this size can hold it, even empty. Use fewer or smaller nodes.");
  }
  return read.topology;
};

/** @throws DomainError `simulation-limit-reached` */
export const requirePlace = (deps: CreateDeps, { tenantId, plan }: TenantStanding): void => {
  const { simulationsMax } = deps.rules.limitsOf(plan);
  if (countUp(deps.store, tenantId) < simulationsMax) return;
  const most = simulationsMax === 1 ? "one simulation" : `${simulationsMax} simulations`;
  const message = `Your plan, ${plan}, runs ${most} at a time. Stop or delete one first, or choose a larger plan.`;
  throw new DomainError("simulation-limit-reached", message, { facts: { plan, simulationsMax } });
};

const requireSpace = (deps: CreateDeps, { tenantId, plan }: TenantStanding): void => {
  const keptMax = deps.rules.limitsOf(plan).simulationsMax * keptPerAllowedMax;
  if (deps.store.forTenant(tenantId).count() < keptMax) return;
  throw new DomainError(
    "simulation-limit-reached",
    `The plan ${plan} keeps ${keptMax} simulations. Delete some first.`,
  );
};

const digestOfRequest = (source: string, isStarted: boolean): string =>
  createHash("sha256")
    .update(`${String(isStarted)}\n${source}`)
    .digest("hex");

/** What the same key was answered before. @throws DomainError `idempotency-key-reused` */
const recall = (deps: CreateDeps, tenantId: string, key: string | undefined, digest: string): Started | undefined => {
  const tenant = deps.store.forTenant(tenantId);
  const kept = key === undefined ? undefined : tenant.recallAnswer(key);
  if (kept === undefined) return undefined;
  if (kept.requestDigest !== digest) {
    throw new DomainError("idempotency-key-reused", "This Idempotency-Key was used for another topology.");
  }
  const operation = tenant.findOperation(kept.simulationId, kept.operationId);
  const simulation = tenant.find(kept.simulationId);
  if (operation !== undefined && simulation !== undefined) return { simulation, operation };
  throw new DomainError("simulation-not-found", "What this Idempotency-Key made was deleted since.");
};

const recordOf = (deps: CreateDeps, standing: TenantStanding, source: string, topology: Topology): Simulation => {
  const now = deps.clock().toISOString();
  return {
    ...{ tenantId: standing.tenantId, id: deps.newId(), createdBy: standing.subject, source, topology },
    ...{ wanted: "stopped", status: "stopped", nodes: newNodes(topology), links: newLinks(topology), revision: 1 },
    ...{ createdAt: now, updatedAt: now, lifetimeMinutes: deps.rules.limitsOf(standing.plan).minutesMax },
  };
};

/** Counts, checks and writes in one turn: requests at the same moment cannot both take the last place. */
export const makeCreateSimulation =
  (deps: CreateDeps): SimulationServices["create"] =>
  async (standing, source, { start, idempotencyKey, onMade }) => {
    const digest = digestOfRequest(source, start);
    const { tenantId } = standing;
    const tenant = deps.store.forTenant(tenantId);
    const made = tenant.inTransaction(() => {
      const known = recall(deps, tenantId, idempotencyKey, digest);
      if (known !== undefined) return known;
      const topology = readAllowed(deps, standing, source);
      requireSpace(deps, standing);
      if (start) requirePlace(deps, standing);
      const resting = recordOf(deps, standing, source, topology);
      const simulation: Simulation = start
        ? { ...withStatus(resting, "queued", deps.clock()), wanted: "running" }
        : resting;
      deps.records.insert(simulation);
      const stepsTotal = start ? topology.nodes.length + topology.links.length + 1 : 0;
      const operation = deps.operations.begin(simulation, "create", stepsTotal);
      if (!start) deps.operations.end(simulation);
      if (idempotencyKey !== undefined) {
        const answer = { requestDigest: digest, simulationId: simulation.id, operationId: operation.id };
        tenant.keepAnswer(idempotencyKey, answer);
      }
      onMade?.(simulation);
      return { simulation, operation: tenant.findOperation(simulation.id, operation.id) ?? operation };
    });
    deps.queue.admit();
    return Promise.resolve({ ...made, simulation: deps.records.find(tenantId, made.simulation.id) ?? made.simulation });
  };
