import { DomainError } from "../../shared/kernel/errors.ts";
import type { TenantStanding } from "../simulations/ports.ts";
import type { SimulationServices } from "../simulations/services.ts";
import type { AdvanceDeps } from "./advance-trial.ts";
import { makeAdvanceTrial } from "./advance-trial.ts";
import type { NewTrialDeps } from "./new-trial.ts";
import { asKitFault, madeOf, planTrial } from "./new-trial.ts";
import type { KitCatalogue } from "./ports.ts";
import type { Trial } from "./trial.ts";
import { isSealed } from "./trial.ts";

/** Kits that are run in simulations, to see whether they work. */
export interface Trials {
  /**
   * Tries a version of a kit, or finds that it is being tried; what is left of the tenant's earlier trials of the kit goes.
   * @throws DomainError `kit-not-tried` (facts: missing), what `KitCatalogue.recipe` and `SimulationServices.create` throw
   */
  start(standing: TenantStanding, kitId: string, version: string | undefined): Promise<Trial>;
  /** The trial that a simulation is of. */
  of(standing: Pick<TenantStanding, "tenantId">, simulationId: string): Trial | undefined;
  /** @throws DomainError `simulation-state` while a trial would prove nothing any more if it were changed */
  requireUnsealed(standing: Pick<TenantStanding, "tenantId">, simulationId: string): void;
  /** Takes every open one a step on. To be called every second or so. */
  advance(): Promise<void>;
  tidy(): void;
}

interface Deps extends AdvanceDeps, NewTrialDeps {
  readonly services: Pick<SimulationServices, "create" | "control">;
  readonly catalogue: KitCatalogue;
  readonly hasSaves: (tenantId: string, simulationId: string) => boolean;
  /** `trial-` and 20 characters. */
  readonly newId: () => string;
}

/** What could not be done is not tried again every second. */
const pauseMilliseconds = 15_000;

/**
 * Simulations of trials that are over are kept for their reports until the same kit is tried again. One that somebody runs, has
 * changed or has saved is theirs.
 */
const clearEarlier = async (deps: Deps, standing: TenantStanding, kitId: string): Promise<void> => {
  const { store, records, services, hasSaves } = deps;
  const { tenantId } = standing;
  for (const ended of store.forTenant(tenantId).listEnded(kitId)) {
    const simulation = records.find(tenantId, ended.simulationId);
    if (simulation?.status !== "stopped" || madeOf(simulation.source) !== ended.madeOf) continue;
    if (hasSaves(tenantId, simulation.id)) continue;
    await services.control(standing, simulation.id, "delete", simulation.revision).catch((error: unknown) => {
      // Somebody was faster: then it is theirs.
      if (!(error instanceof DomainError)) throw error;
    });
  }
};

/** Trial and simulation are written in one transaction: there is never one without the other. */
const begin = async (deps: Deps, standing: TenantStanding, kitId: string, version: string | undefined) => {
  const { store, services, catalogue, newId, clock } = deps;
  const recipe = await catalogue.recipe(standing.tenantId, kitId, version);
  const tenant = store.forTenant(standing.tenantId);
  const underWay = tenant.findRunning(recipe.kit.id, recipe.kit.version);
  if (underWay !== undefined) return { trial: underWay, isNew: false };
  const { source, trialOf } = planTrial(deps, recipe);
  const id = newId();
  const { simulation } = await services.create(standing, source, {
    start: true,
    onMade: (made) => tenant.insert(trialOf(standing, id, made, clock())),
  });
  const trial = tenant.findBySimulation(simulation.id);
  if (trial === undefined) throw new Error("A simulation was made without its trial.");
  return { trial, isNew: true };
};

export const makeTrials = (deps: Deps): Trials => {
  const { store, log, clock } = deps;
  const advanceOne = makeAdvanceTrial(deps);
  const pausedUntil = new Map<string, number>();
  const isDue = ({ id }: Trial): boolean => clock().getTime() >= (pausedUntil.get(id) ?? 0);
  const step = async (trial: Trial): Promise<void> => {
    try {
      await advanceOne(trial);
      pausedUntil.delete(trial.id);
    } catch (error) {
      const reason = error instanceof Error ? error.message : "not an error";
      log.warn("a trial of a kit could not go on", { trial: trial.id, reason });
      pausedUntil.set(trial.id, clock().getTime() + pauseMilliseconds);
    }
  };
  const of: Trials["of"] = ({ tenantId }, simulationId) => store.forTenant(tenantId).findBySimulation(simulationId);
  return {
    async start(standing, kitId, version) {
      try {
        const { trial, isNew } = await begin(deps, standing, kitId, version);
        if (isNew) await clearEarlier(deps, standing, trial.kit.id);
        return trial;
      } catch (error) {
        throw asKitFault(error);
      }
    },
    of,
    requireUnsealed(standing, simulationId) {
      const trial = of(standing, simulationId);
      if (trial === undefined || !isSealed(trial)) return;
      throw new DomainError(
        "simulation-state",
        `It tries the kit ${trial.kit.name} at the moment, and proves nothing if it is changed. Stop it to give the trial up.`,
      );
    },
    async advance() {
      await Promise.all(store.host.listOpen().filter(isDue).map(step));
    },
    tidy() {
      store.host.tidy();
      pausedUntil.clear();
    },
  };
};
