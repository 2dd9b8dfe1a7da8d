import type { DockerId, Engine, SeenContainer } from "../engine/ports.ts";
import type { Records } from "../simulations/records.ts";
import type { SimulationNode } from "../simulations/simulation.ts";

/** What the engine knows of the nodes of one simulation; asked once for each start of a node. */
export interface NodeSights {
  /** Undefined while it does not run. */
  look(node: string): Promise<SeenContainer | undefined>;
}

interface Deps {
  readonly engine: Pick<Engine, "inspect">;
  readonly records: Records;
}

/** Changes with each new network namespace. */
const lifeOf = ({ startsDone }: SimulationNode, containerId: DockerId): string => `${containerId}|${startsDone}`;

export const makeNodeSights = ({ engine, records }: Deps, tenantId: string, simulationId: string): NodeSights => {
  const seen = new Map<string, { readonly life: string; readonly container: Promise<SeenContainer | undefined> }>();
  const inspect = async (id: DockerId): Promise<SeenContainer | undefined> => {
    const container = await engine.inspect(id);
    return container === undefined || container.sandboxKey === "" ? undefined : container;
  };
  return {
    look(name) {
      const node = records.find(tenantId, simulationId)?.nodes.find((candidate) => candidate.name === name);
      if (node?.containerId === undefined || (node.state !== "running" && node.state !== "paused")) {
        return Promise.resolve(undefined);
      }
      const life = lifeOf(node, node.containerId);
      const known = seen.get(name);
      if (known?.life === life) return known.container;
      const container = inspect(node.containerId);
      seen.set(name, { life, container });
      const forget = (): void => {
        if (seen.get(name)?.container === container) seen.delete(name);
      };
      // What is not there yet, or was not answered, is asked for again.
      container.then((found) => found === undefined && forget(), forget);
      return container;
    },
  };
};
