import type { Logger } from "../../shared/kernel/logger.ts";
import type { Links } from "../links/ports.ts";
import { portIdOf } from "../simulations/names.ts";
import type { SimulationStore } from "../simulations/ports.ts";
import type { ShapeLinks } from "../simulations/shape-links.ts";
import type { Simulation } from "../simulations/simulation.ts";

interface Deps {
  readonly store: SimulationStore;
  readonly shapeLinks: ShapeLinks;
  readonly links: Pick<Links, "check">;
  readonly log: Logger;
}

const keyOf = ({ tenantId, id }: Simulation): string => `${tenantId}|${id}`;
const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : "not an error");

/** Every port that the record has, impaired or not. */
const portIdsOf = ({ tenantId, id, topology }: Simulation): readonly string[] =>
  topology.links.flatMap(({ name, nodes }) => nodes.map((node) => portIdOf(tenantId, id, name, node)));

/**
 * Impaired links carry nothing since the last host was killed. They are impaired again before anything else begins, so that no
 * node finds them without; then what an earlier host left of others is taken away. Where that does not work yet, as when the
 * engine does not answer, links stay dead. The answer is what looks after links from then on, and tries those again.
 */
export const restoreLinks = async ({ store, shapeLinks, links, log }: Deps): Promise<() => Promise<void>> => {
  const unrestored = new Set(store.host.listActive().map(keyOf));
  const listUnrestored = (): readonly Simulation[] =>
    store.host.listActive().filter((simulation) => unrestored.has(keyOf(simulation)));
  const restore = async (simulation: Simulation): Promise<void> => {
    try {
      await shapeLinks(simulation.tenantId, simulation.id);
      unrestored.delete(keyOf(simulation));
    } catch (error) {
      log.warn("links are not restored yet, and carry nothing", { simulation: simulation.id, reason: reasonOf(error) });
    }
  };
  const check = async (): Promise<void> => {
    await Promise.all(listUnrestored().map(restore));
    await links.check(new Set(listUnrestored().flatMap(portIdsOf)));
  };
  try {
    await check();
  } catch (error) {
    // The host serves without: what is left of others is looked for again soon.
    log.warn("links are not looked at yet", { reason: reasonOf(error) });
  }
  return check;
};
