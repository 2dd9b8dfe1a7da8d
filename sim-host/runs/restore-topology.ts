import { DomainError } from "../../shared/kernel/errors.ts";
import type { Logger } from "../../shared/kernel/logger.ts";
import type { TenantStanding } from "../simulations/ports.ts";
import type { Records } from "../simulations/records.ts";
import type { SimulationServices } from "../simulations/services.ts";
import type { Simulation } from "../simulations/simulation.ts";
import { baseLinkStates } from "./link-states.ts";

export interface RestoreDeps {
  readonly services: Pick<SimulationServices, "changeLink" | "controlNode">;
  readonly records: Records;
  readonly wake: (tenantId: string, id: string) => void;
  readonly log: Logger;
}

/** Gives links and nodes the state that the topology has of itself. Safe to repeat. Never rejects. */
export type RestoreTopology = (standing: TenantStanding, simulationId: string) => Promise<void>;

/** It rests, is on its way out or is gone: nothing of it needs to be restored. */
const isNotUp = (error: unknown): boolean =>
  error instanceof DomainError && ["simulation-state", "simulation-not-found"].includes(error.code);

const changesOf = ({ services }: RestoreDeps, standing: TenantStanding, simulation: Simulation) => {
  const { id, topology, links, nodes } = simulation;
  const otherLinks = baseLinkStates(topology).filter(({ name, isDown, directions }) => {
    const link = links.find((candidate) => candidate.name === name);
    return link?.isDown !== isDown || JSON.stringify(link.directions) !== JSON.stringify(directions);
  });
  const otherNodes = nodes.filter(({ wanted }) => wanted !== "running");
  return [
    ...otherLinks.map(({ name, isDown, directions }) => async (): Promise<unknown> => {
      return services.changeLink(standing, id, name, { isDown, impairment: {}, directions });
    }),
    ...otherNodes.map(({ name, wanted }) => async (): Promise<unknown> => {
      return services.controlNode(standing, id, name, wanted === "paused" ? "resume" : "start");
    }),
  ];
};

export const makeRestoreTopology =
  (deps: RestoreDeps): RestoreTopology =>
  async (standing, simulationId) => {
    const { tenantId } = standing;
    const simulation = deps.records.find(tenantId, simulationId);
    if (simulation === undefined) return;
    const outcomes = await Promise.allSettled(changesOf(deps, standing, simulation).map((change) => change()));
    for (const outcome of outcomes) {
      if (outcome.status === "fulfilled" || isNotUp(outcome.reason)) continue;
      // The record wants it by now: the reconciler brings it about as soon as it can.
      deps.log.warn("links or nodes are not yet as before the run", {
        simulation: simulationId,
        reason: outcome.reason instanceof Error ? outcome.reason.message : "not an error",
      });
      deps.wake(tenantId, simulationId);
    }
  };
