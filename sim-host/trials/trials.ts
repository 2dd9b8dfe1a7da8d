import { DomainError } from "../../shared/kernel/errors.ts";
import type { TrialRecipe } from "../../shared/stackkits/trial-recipe.ts";
import type { AllowedImage } from "../engine/image-list.ts";
import type { TenantStanding } from "../simulations/ports.ts";
import type { AdvanceDeps } from "./advance-trial.ts";
import { makeAdvanceTrial } from "./advance-trial.ts";
import { findImages } from "./find-image.ts";
import type { KitCatalogue } from "./ports.ts";
import { topologyOfRecipe } from "./topology-of-recipe.ts";
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

interface Deps extends AdvanceDeps {
  readonly catalogue: KitCatalogue;
  readonly images: readonly AllowedImage[];
  /** Of the image that visitors are made from. */
  readonly visitorImage: string;
  /** `trial-` and 20 characters. */
  readonly newId: () => string;
}

/** Removes what nobody can have heard of; what cannot be made now, by whoever asked, is not made later behind their back. */
const dropUnmade = ({ store }: Deps, trial: Trial): void => store.forTenant(trial.tenantId).remove(trial.id);

/**
 * Simulations of trials that are over are kept for their reports until the same kit is tried again. One that somebody works
 * with, or has changed, is theirs.
 */
const clearEarlier = async (deps: Deps, standing: TenantStanding, kitId: string): Promise<void> => {
  const { store, records, services } = deps;
  for (const { simulationId, status, source } of store.forTenant(standing.tenantId).listOfKit(kitId)) {
    if (status === "open" || simulationId === undefined) continue;
    const simulation = records.find(standing.tenantId, simulationId);
    if (simulation?.wanted !== "stopped" || simulation.source !== source) continue;
    await services.control(standing, simulationId, "delete");
  }
};

/** @throws DomainError `kit-not-tried` */
const newTrial = (deps: Deps, standing: TenantStanding, recipe: TrialRecipe): Trial => {
  const { kit, services } = recipe;
  const wanted = services.map(({ image }) => image);
  const found = findImages(wanted, deps.images);
  const images = found.map(({ name }) => name);
  return {
    ...{ tenantId: standing.tenantId, id: deps.newId(), standing, kit, startedAt: deps.clock().toISOString() },
    source: topologyOfRecipe(recipe, { images, visitorImage: deps.visitorImage }),
    images: services.map(({ name: service }, index) => ({ service, imageId: found[index]?.imageId ?? "" })),
    ...{ runsBegun: 0, reportsFailed: 0, status: "open" },
  };
};

export const makeTrials = (deps: Deps): Trials => {
  const { store, catalogue, log } = deps;
  const advanceOne = makeAdvanceTrial(deps);
  /** Ids of those that somebody takes a step on at the moment. */
  const underWay = new Set<string>();
  const step = async (trial: Trial): Promise<void> => {
    underWay.add(trial.id);
    try {
      await advanceOne(trial);
    } catch (error) {
      if (trial.simulationId === undefined) dropUnmade(deps, trial);
      throw error;
    } finally {
      underWay.delete(trial.id);
    }
  };
  const of: Trials["of"] = ({ tenantId }, simulationId) => store.forTenant(tenantId).findBySimulation(simulationId);
  return {
    async start(standing, kitId, version) {
      const recipe = await catalogue.recipe(standing.tenantId, kitId, version);
      const trial = newTrial(deps, standing, recipe);
      await clearEarlier(deps, standing, recipe.kit.id);
      const tenant = store.forTenant(standing.tenantId);
      if (tenant.insert(trial)) await step(trial);
      const present = tenant.findOpen(recipe.kit.id, recipe.kit.version);
      if (present !== undefined) return present;
      throw new DomainError("conflict", "The trial ended before it had begun. Try again.");
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
      const open = store.host.listOpen().filter(({ id }) => !underWay.has(id));
      const steps = await Promise.allSettled(open.map(step));
      for (const one of steps) {
        if (one.status === "fulfilled") continue;
        const reason = one.reason instanceof Error ? one.reason.message : "not an error";
        log.warn("a trial of a kit could not go on", { reason });
      }
    },
    tidy: () => store.host.tidy(),
  };
};
