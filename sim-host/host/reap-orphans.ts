import type { Logger } from "../../shared/kernel/logger.ts";
import type { Engine, Owner } from "../engine/ports.ts";
import type { SimulationStore } from "../simulations/ports.ts";
import type { Records } from "../simulations/records.ts";

interface Deps {
  readonly engine: Engine;
  readonly store: SimulationStore;
  readonly records: Records;
  readonly wake: (tenantId: string, id: string) => void;
  /** Tenants of our own, such as the canaries', who keep no records. */
  readonly isOurs: (tenantId: string) => boolean;
  readonly log: Logger;
}

/**
 * Takes away what no record knows of, and has every simulation looked at that has something in the engine. Things of a
 * simulation with a record are left to its reconciler: it may just be making them.
 */
export const makeReapOrphans =
  ({ engine, store, records, wake, isOurs, log }: Deps) =>
  async (): Promise<void> => {
    const { containers, networks } = await engine.list();
    const isOrphan = ({ owner }: { readonly owner: Owner }): boolean =>
      !isOurs(owner.tenantId) && records.find(owner.tenantId, owner.simulationId) === undefined;
    const orphans = { containers: containers.filter(isOrphan), networks: networks.filter(isOrphan) };
    for (const { id, owner } of orphans.containers) {
      log.warn("a container without a record is taken away", { simulation: owner.simulationId, node: owner.part });
      await engine.removeContainer(id);
    }
    for (const { id, owner } of orphans.networks) {
      log.warn("a network without a record is taken away", { simulation: owner.simulationId, link: owner.part });
      await engine.removeNetwork(id);
    }
    // What the list above shows is gone by now; what it does not show was never made.
    const seen = new Set(networks.filter((network) => !isOrphan(network)).map(({ subnet }) => subnet));
    for (const { tenantId, simulationId, link, subnet } of store.host.listSubnets()) {
      const isKnown = records.find(tenantId, simulationId) !== undefined;
      if (!isKnown && !isOurs(tenantId) && !seen.has(subnet)) store.host.freeSubnet(tenantId, simulationId, link);
    }
    for (const { tenantId, id } of store.host.listActive()) wake(tenantId, id);
  };
