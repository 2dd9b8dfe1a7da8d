import type { Logger } from "../../shared/kernel/logger.ts";
import type { Links } from "../links/ports.ts";
import type { SimulationStore } from "../simulations/ports.ts";
import type { ShapeLinks } from "../simulations/shape-links.ts";

interface Deps {
  readonly store: SimulationStore;
  readonly shapeLinks: ShapeLinks;
  readonly links: Pick<Links, "check">;
  readonly log: Logger;
}

/**
 * Impaired links carry nothing since the last host ended. They are impaired again before anything else begins, so that no
 * node finds them without; then what an earlier host left of others is taken away.
 */
export const restoreLinks = async ({ store, shapeLinks, links, log }: Deps): Promise<void> => {
  const restore = async (tenantId: string, id: string): Promise<void> => {
    try {
      await shapeLinks(tenantId, id);
    } catch (error) {
      const reason = error instanceof Error ? error.message : "not an error";
      log.warn("links are not restored yet; their simulation is looked at later", { simulation: id, reason });
    }
  };
  await Promise.all(store.host.listActive().map(({ tenantId, id }) => restore(tenantId, id)));
  await links.check();
};
