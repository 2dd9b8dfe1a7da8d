import { DomainError } from "../../shared/kernel/errors.ts";
import type { Links } from "../links/ports.ts";
import type { Records } from "../simulations/records.ts";
import type { SimulationServices } from "../simulations/services.ts";
import type { SimulationNode } from "../simulations/simulation.ts";
import type { Tally } from "./counters.ts";
import type { LinkState } from "./link-states.ts";
import type { NodeAction } from "./node-states.ts";
import type { NodeSights } from "./node-sights.ts";
import { readCounters } from "./read-counters.ts";
import type { Run } from "./run.ts";

export interface FaultDeps {
  readonly services: Pick<SimulationServices, "changeLink" | "controlNode">;
  readonly records: Records;
  readonly links: Pick<Links, "counters">;
  /** When the reconciler has looked at everything that is written by now. */
  readonly settled: (tenantId: string, simulationId: string) => Promise<void>;
}

/** What makes a fault happen, and returns when it has. @throws DomainError when it cannot */
export interface Faults {
  setLink(state: LinkState): Promise<void>;
  control(node: string, action: NodeAction): Promise<void>;
}

/** Whether a node is what an action makes of it. */
const isDone = (action: NodeAction, { state, startsDone, startsWanted }: SimulationNode): boolean => {
  if (action === "kill" || action === "stop") return state === "exited" || state === "created" || state === "absent";
  if (action === "pause") return state !== "running";
  return action === "resume" ? state !== "paused" : startsDone >= startsWanted;
};

export const makeFaults = (
  { services, records, links, settled }: FaultDeps,
  { tenantId, simulationId, standing }: Run,
  { tally, sights }: { readonly tally: Tally; readonly sights: NodeSights },
): Faults => {
  const count = async (name: string): Promise<void> => {
    const simulation = records.find(tenantId, simulationId);
    const link = simulation?.links.find((candidate) => candidate.name === name);
    if (simulation === undefined || link === undefined) return;
    tally.add(name, await readCounters({ links, sights }, simulation, link));
  };
  /** Figures are worth less than the fault that they are of. */
  const tryToCount = (name: string): Promise<void> => count(name).catch(() => undefined);
  const change = async ({ name, isDown, directions }: LinkState): Promise<void> => {
    await tryToCount(name);
    await services.changeLink(standing, simulationId, name, { isDown, impairment: {}, directions });
    await tryToCount(name);
  };
  const turns = new Map<string, Promise<void>>();
  return {
    setLink(state) {
      // One change of a link after the other: the last one that was planned is the last one that is made.
      const before = turns.get(state.name) ?? Promise.resolve();
      const turn = before.catch(() => undefined).then(() => change(state));
      turns.set(state.name, turn);
      return turn;
    },
    async control(node, action) {
      await services.controlNode(standing, simulationId, node, action);
      await settled(tenantId, simulationId);
      const after = records.find(tenantId, simulationId)?.nodes.find(({ name }) => name === node);
      if (after !== undefined && isDone(action, after)) return;
      throw new DomainError("unavailable", `${node} is ${after?.state ?? "gone"}.`);
    },
  };
};
