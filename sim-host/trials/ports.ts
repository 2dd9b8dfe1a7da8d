import type { TrialRecipe } from "../../shared/stackkits/trial-recipe.ts";
import type { Trial } from "./trial.ts";

/** Trials of one tenant. */
export interface TenantTrials {
  /** @throws DomainError `conflict` when the tenant tries the same version of the kit already */
  insert(trial: Trial): void;
  replace(trial: Trial): void;
  findRunning(kitId: string, version: string): Trial | undefined;
  findBySimulation(simulationId: string): Trial | undefined;
  /** Those of the kit that have a result or were given up, and whose simulation is still there. */
  listEnded(kitId: string): readonly Trial[];
}

export interface TrialStore {
  forTenant(tenantId: string): TenantTrials;
  readonly host: {
    /** Those that are running or unreported. */
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
