import type { TrialRecipe } from "../../shared/stackkits/trial-recipe.ts";
import type { Trial } from "./trial.ts";

/** Trials of one tenant. */
export interface TenantTrials {
  /** False when the tenant tries the same version of the kit already: it is tried once at a time. */
  insert(trial: Trial): boolean;
  replace(trial: Trial): void;
  remove(id: string): void;
  findOpen(kitId: string, version: string): Trial | undefined;
  findBySimulation(simulationId: string): Trial | undefined;
  listOfKit(kitId: string): readonly Trial[];
}

export interface TrialStore {
  forTenant(tenantId: string): TenantTrials;
  readonly host: {
    listOpen(): readonly Trial[];
    /** Forgets those that are over and whose simulation is gone. */
    tidy(): void;
  };
}

/** What the control plane knows of kits and is told of trials. */
export interface KitCatalogue {
  /**
   * The version, or the newest one, as a host runs it.
   * @throws DomainError `kit-not-found`, `kit-version-yanked`, `kit-unverified`, `kit-not-tried`, `plan-required`; `unavailable`
   */
  recipe(tenantId: string, kitId: string, version: string | undefined): Promise<TrialRecipe>;
  /** False when it will never be taken, however often it is sent. @throws DomainError `unavailable` */
  report(trial: Trial): Promise<boolean>;
}
