import { DomainError } from "../../shared/kernel/errors.ts";
import type { CreateDeps } from "./create-simulation.ts";
import { readAllowed, requirePlace } from "./create-simulation.ts";
import { withTopology } from "./first-record.ts";
import type { TenantStanding } from "./ports.ts";
import type { SimulationServices, Started } from "./services.ts";
import type { Operation, Simulation, SimulationNode } from "./simulation.ts";
import { isUp, withStatus } from "./simulation-rules.ts";

export interface ControlDeps extends CreateDeps {
  readonly wake: (tenantId: string, id: string) => void;
}

type Action = Parameters<SimulationServices["control"]>[2];
type NodeAction = Parameters<SimulationServices["controlNode"]>[3];

const requireRevision = ({ revision }: Simulation, ifRevision: number | undefined): void => {
  if (ifRevision === undefined || ifRevision === revision) return;
  throw new DomainError("precondition-failed", "The simulation has changed since. Read it again.");
};

/** The simulation, unless it is on its way out. @throws DomainError `simulation-not-found`, `precondition-failed`, `simulation-state` */
const present = (deps: ControlDeps, { tenantId }: TenantStanding, id: string, ifRevision?: number): Simulation => {
  const simulation = deps.records.get(tenantId, id);
  requireRevision(simulation, ifRevision);
  if (simulation.wanted !== "deleted") return simulation;
  throw new DomainError("simulation-state", "The simulation is being deleted.");
};

const requireUp = (simulation: Simulation): void => {
  if (isUp(simulation)) return;
  throw new DomainError("simulation-state", `The simulation is ${simulation.status}. Start it first.`);
};

/** Changes the record, begins the operation and has both looked at. */
const begin = (
  deps: ControlDeps,
  simulation: Simulation,
  kind: Operation["kind"],
  change: (present: Simulation) => Simulation,
): Promise<Started> => {
  const { tenantId, id } = simulation;
  const started = deps.store.forTenant(tenantId).inTransaction(() => {
    const after = deps.records.update(tenantId, id, change) ?? simulation;
    return { simulation: after, operation: deps.operations.begin(after, kind, 1) };
  });
  deps.wake(tenantId, id);
  deps.queue.admit();
  return Promise.resolve({ ...started, simulation: deps.records.find(tenantId, id) ?? started.simulation });
};

const startAgain = (node: SimulationNode): SimulationNode => ({
  ...node,
  wanted: "running",
  startsWanted: Math.max(1, node.startsDone) + (node.startsDone > 0 ? 1 : 0),
});

/** What lies still takes a place of the plan and of the host again; what runs has all its nodes running. */
const start = (deps: ControlDeps, standing: TenantStanding, simulation: Simulation): Simulation => {
  const lifetimeMinutes = deps.rules.limitsOf(standing.plan).minutesMax;
  const { error: _over, ...rest } = simulation;
  const ready: Simulation = { ...rest, wanted: "running", lifetimeMinutes };
  if (isUp(simulation) || simulation.status === "queued") {
    return simulation.wanted === "paused" ? withStatus(ready, "starting", deps.clock()) : simulation;
  }
  readAllowed(deps, standing, simulation.source);
  requirePlace(deps, standing);
  const nodes = simulation.nodes.map((node): SimulationNode => ({ ...node, wanted: "running", startsWanted: 1 }));
  return withStatus({ ...ready, nodes, createdBy: standing.subject }, "queued", deps.clock());
};

const changeOf = (deps: ControlDeps, standing: TenantStanding, action: Action) => {
  const now = deps.clock();
  const changes: Readonly<Record<Action, (simulation: Simulation) => Simulation>> = {
    start: (simulation) => start(deps, standing, simulation),
    resume(simulation) {
      requireUp(simulation);
      return start(deps, standing, simulation);
    },
    pause(simulation) {
      requireUp(simulation);
      return { ...withStatus(simulation, "pausing", now), wanted: "paused" };
    },
    restart(simulation) {
      requireUp(simulation);
      return { ...withStatus(simulation, "starting", now), wanted: "running", nodes: simulation.nodes.map(startAgain) };
    },
    stop: (simulation) => ({ ...withStatus(simulation, "stopping", now), wanted: "stopped" }),
    delete: (simulation) => ({ ...withStatus(simulation, "deleting", now), wanted: "deleted" }),
  };
  return changes[action];
};

const changeOfNode: Readonly<Record<NodeAction, (node: SimulationNode) => SimulationNode>> = {
  start: (node) => ({
    ...node,
    wanted: "running",
    startsWanted: node.state === "running" || node.state === "paused" ? node.startsWanted : node.startsDone + 1,
  }),
  restart: startAgain,
  stop: (node) => ({ ...node, wanted: "stopped" }),
  kill: (node) => ({ ...node, wanted: "killed" }),
  pause: (node) => ({ ...node, wanted: "paused" }),
  resume: (node) => ({ ...node, wanted: "running" }),
};

export const makeControl =
  (deps: ControlDeps): SimulationServices["control"] =>
  async (standing, id, action, ifRevision) => {
    // Deleting twice is once.
    const simulation =
      action === "delete" ? deps.records.get(standing.tenantId, id) : present(deps, standing, id, ifRevision);
    requireRevision(simulation, ifRevision);
    return begin(deps, simulation, action, changeOf(deps, standing, action));
  };

export const makeControlNode =
  (deps: ControlDeps): SimulationServices["controlNode"] =>
  async (standing, id, node, action) => {
    const simulation = present(deps, standing, id);
    if (!simulation.nodes.some(({ name }) => name === node)) {
      throw new DomainError("simulation-not-found", "There is no node with this name in the simulation.");
    }
    requireUp(simulation);
    return begin(deps, simulation, "node", (before) => ({
      ...before,
      nodes: before.nodes.map((candidate) => (candidate.name === node ? changeOfNode[action](candidate) : candidate)),
    }));
  };

export const makeChangeTopology =
  (deps: ControlDeps): SimulationServices["change"] =>
  async (standing, id, source, ifRevision) => {
    const simulation = present(deps, standing, id, ifRevision);
    const topology = readAllowed(deps, standing, source);
    const changed = withTopology(simulation, source, topology);
    const after = isUp(simulation) ? withStatus(changed, "starting", deps.clock()) : changed;
    return begin(deps, simulation, "change", () => after);
  };
