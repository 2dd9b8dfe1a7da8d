import { DomainError } from "../../shared/kernel/errors.ts";
import { makeChangeLink } from "./change-link.ts";
import type { ControlDeps } from "./control-simulation.ts";
import { makeChangeTopology, makeControl, makeControlNode } from "./control-simulation.ts";
import { makeCreateSimulation } from "./create-simulation.ts";
import type { EventHub } from "./event-hub.ts";
import { followEvents } from "./follow-events.ts";
import { planChange } from "./plan-change.ts";
import type { TenantStanding } from "./ports.ts";
import type { Assessment, SimulationServices } from "./services.ts";
import type { ShapeLinks } from "./shape-links.ts";
import { isUp } from "./simulation-rules.ts";

interface Deps extends ControlDeps {
  readonly hub: EventHub;
  readonly shapeLinks: ShapeLinks;
}

const makeAssess =
  ({ rules }: Deps): SimulationServices["assess"] =>
  ({ plan }, source): Assessment => {
    const read = rules.read(source);
    if (read.kind === "invalid") return { isValid: false, findings: read.findings, lacks: [], requiredPlan: null };
    const budget = rules.budgetOf(read.topology, plan);
    return { isValid: true, findings: read.findings, budget, ...rules.lacksOf(budget, plan) };
  };

const makeExtend =
  ({ records, rules, clock }: Deps): SimulationServices["extend"] =>
  ({ tenantId, plan }, id, minutes) => {
    const simulation = records.get(tenantId, id);
    if (!isUp(simulation) || simulation.expiresAt === undefined) {
      throw new DomainError("simulation-state", `The simulation is ${simulation.status}: its time does not run.`);
    }
    const latest = new Date(clock().getTime() + rules.limitsOf(plan).minutesMax * 60_000).toISOString();
    const wanted = new Date(new Date(simulation.expiresAt).getTime() + minutes * 60_000).toISOString();
    // A plan that became smaller takes nothing away from what runs.
    const expiresAt = [wanted, latest].sort()[0] ?? wanted;
    const after = records.update(tenantId, id, (present) => ({
      ...present,
      expiresAt: [expiresAt, present.expiresAt ?? expiresAt].sort()[1] ?? expiresAt,
    }));
    return after ?? simulation;
  };

/** Everything people may do with their simulations. */
export const makeSimulationServices = (deps: Deps): SimulationServices => {
  const { store, records, queue } = deps;
  const assess = makeAssess(deps);
  const get = ({ tenantId }: TenantStanding, id: string) => records.get(tenantId, id);
  return {
    assess,
    create: makeCreateSimulation(deps),
    list: ({ tenantId }, limit, after) => store.forTenant(tenantId).list(limit, after),
    get,
    plan: (standing, id, source) => ({
      steps: planChange(get(standing, id), deps.rules, source),
      assessment: assess(standing, source),
    }),
    change: makeChangeTopology(deps),
    control: makeControl(deps),
    controlNode: makeControlNode(deps),
    changeLink: makeChangeLink(deps),
    extend: makeExtend(deps),
    operation({ tenantId }, id, operationId) {
      const operation = store.forTenant(tenantId).findOperation(id, operationId);
      if (operation !== undefined) return operation;
      throw new DomainError("simulation-not-found", "There is no operation with this id.");
    },
    queuePlace: (standing, id) => queue.placeOf(get(standing, id)),
    events: (standing, id, afterSequence, signal) => {
      get(standing, id);
      return followEvents(deps, { tenantId: standing.tenantId, id, afterSequence }, signal);
    },
  };
};
