import type { Logger } from "../../shared/kernel/logger.ts";
import type { Engine } from "../engine/ports.ts";
import type { SimulationStore } from "../simulations/ports.ts";
import type { Records } from "../simulations/records.ts";
import type { Simulation } from "../simulations/simulation.ts";
import { isUp } from "../simulations/simulation-rules.ts";

interface Deps {
  readonly engine: Engine;
  readonly store: SimulationStore;
  readonly records: Records;
  readonly wake: (tenantId: string, id: string) => void;
  readonly log: Logger;
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>;
}

const pauseMilliseconds = 1_000;

/**
 * Nodes that ran when the engine or this host went away, and do not run now, did not end by themselves: they are wanted
 * to start again. To be called after either came back, before anything is looked at.
 */
export const makeRestoreNodes =
  ({ engine, store, records }: Pick<Deps, "engine" | "store" | "records">) =>
  async (): Promise<void> => {
    const { containers } = await engine.list();
    const ended = new Set(containers.filter(({ state }) => state === "exited").map(({ id }) => id));
    const restore = (simulation: Simulation): Simulation => ({
      ...simulation,
      nodes: simulation.nodes.map((node) => {
        const ran = node.state === "running" || node.state === "paused";
        const isLost = ran && node.containerId !== undefined && ended.has(node.containerId);
        return isLost ? { ...node, startsWanted: node.startsDone + 1 } : node;
      }),
    });
    for (const { tenantId, id } of store.host.listActive().filter(isUp)) records.update(tenantId, id, restore);
  };

/**
 * Wakes simulations when their containers change, until the signal. Events are hints; when the stream breaks, everything
 * is looked at as soon as the engine is back.
 */
export const makeFollowEngine = (deps: Deps, restoreNodes: () => Promise<void>) => async (signal: AbortSignal) => {
  const { engine, store, wake, log, sleep } = deps;
  while (!signal.aborted) {
    try {
      await restoreNodes();
      for (const { tenantId, id } of store.host.listActive()) wake(tenantId, id);
      for await (const { owner } of engine.watch(signal)) wake(owner.tenantId, owner.simulationId);
    } catch (error) {
      const reason = error instanceof Error ? error.message : "not an error";
      log.warn("the engine cannot be followed; trying again", { reason });
    }
    await sleep(pauseMilliseconds, signal);
  }
};
