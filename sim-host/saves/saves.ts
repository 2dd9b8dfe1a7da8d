import { DomainError } from "../../shared/kernel/errors.ts";
import type { Simulation } from "../simulations/simulation.ts";
import type { SaveDeps } from "./make-save.ts";
import { makeMakeSave } from "./make-save.ts";
import type { Save } from "./ports.ts";
import { makeRestoreSave } from "./restore-save.ts";
import type { SaveArchive } from "./save-archive.ts";
import { saveArchive } from "./save-archive.ts";

/** Files of nodes, kept beside the simulation. Whose simulation it is was checked by who asks. */
export interface Saves {
  /**
   * What every running node has below /data.
   * @throws DomainError `simulation-state`, `simulation-limit-reached`, `too-large`, `no-room`
   */
  create(simulation: Simulation): Promise<Save>;
  list(simulation: Simulation): readonly Save[];
  /** @throws DomainError `not-found` */
  find(simulation: Simulation, id: string): Save;
  archive(save: Save): SaveArchive;
  /**
   * Puts files back into nodes that run, over what is there: all saved ones, or the named. Answers their names.
   * @throws DomainError `not-found`, `simulation-state`, `conflict` for a save that is damaged
   */
  restore(simulation: Simulation, save: Save, only?: readonly string[]): Promise<readonly string[]>;
  remove(save: Save): Promise<void>;
  /** Removes files that belong to no save: at the start, and now and then. */
  tidy(): Promise<void>;
}

export const makeSaves = (deps: SaveDeps): Saves => {
  const { store, files } = deps;
  const underWay = new Set<string>();
  return {
    create: makeMakeSave(deps, underWay),
    list: ({ tenantId, id }) => store.forTenant(tenantId).list(id),
    find({ tenantId, id: simulationId }, id) {
      const save = store.forTenant(tenantId).find(simulationId, id);
      if (save !== undefined) return save;
      throw new DomainError("not-found", "The simulation has no save with this id.");
    },
    archive: (save) => saveArchive(save, files),
    restore: makeRestoreSave(deps),
    async remove({ tenantId, simulationId, id }) {
      // The row first: files without one are removed by `tidy`, a row without files could not be read.
      store.forTenant(tenantId).remove(simulationId, id);
      await files.remove(id);
    },
    // A save is under way until its row is there: at any moment, it is found in one of them.
    tidy: () => files.removeAllBut((id) => underWay.has(id) || store.host.has(id)),
  };
};
