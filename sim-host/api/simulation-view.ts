import type { TenantStanding } from "../simulations/ports.ts";
import type { Operation, Simulation } from "../simulations/simulation.ts";
import type { ApiDeps } from "./api-deps.ts";

type ViewDeps = Pick<ApiDeps, "services" | "rules" | "lastRunOf" | "trialOf">;

const nodeViews = ({ topology, nodes, links }: Simulation) =>
  nodes.map(({ name, wanted, state, health, exitCode, isOutOfMemory }) => {
    const written = topology.nodes.find((node) => node.name === name);
    const addresses = links.flatMap((link) => {
      const address = link.addresses[name];
      return address === undefined ? [] : [[link.name, address] as const];
    });
    return {
      ...{ name, image: written?.image, wanted, state, health, exitCode, isOutOfMemory },
      addresses: Object.fromEntries(addresses),
      limits: written?.limits,
    };
  });

const linkViews = ({ topology, links }: Simulation) =>
  links.map(({ name, subnet, isDown, directions }) => {
    const nodes = topology.links.find((link) => link.name === name)?.nodes ?? [];
    return { name, nodes, subnet, isDown, directions };
  });

/** What people see of a simulation: everything but whose it is and where the engine keeps it. Undefined members are left out. */
export const makeSimulationView =
  ({ services, rules, lastRunOf, trialOf }: ViewDeps) =>
  (standing: TenantStanding, simulation: Simulation) => {
    const { id, topology, status, wanted, error, revision } = simulation;
    const { createdAt, updatedAt, startedAt, expiresAt } = simulation;
    return {
      ...{ id, name: topology.name, status, wanted, error, revision, createdAt, updatedAt, startedAt, expiresAt },
      seed: topology.seed,
      queue: status === "queued" ? services.queuePlace(standing, id) : undefined,
      budget: rules.budgetOf(topology, standing.plan),
      nodes: nodeViews(simulation),
      links: linkViews(simulation),
      runs: { last: lastRunOf(standing, id) },
      trial: trialOf(standing, id),
    };
  };

/** An operation without whose it is. */
export const operationView = ({ tenantId: _, ...rest }: Operation): Omit<Operation, "tenantId"> => rest;

export const operationPath = ({ simulationId, id }: Operation): string =>
  `/v1/simulations/${simulationId}/operations/${id}`;
