import { DomainError } from "../../shared/kernel/errors.ts";
import type { TrialRecipe } from "../../shared/stackkits/trial-recipe.ts";
import type { AllowedImage } from "../engine/image-list.ts";
import { digestOf } from "../simulations/names.ts";
import type { TenantStanding } from "../simulations/ports.ts";
import { findImages } from "./find-image.ts";
import { topologyOfRecipe } from "./topology-of-recipe.ts";
import type { Trial } from "./trial.ts";

export interface NewTrialDeps {
  readonly images: readonly AllowedImage[];
  /** Of the image that visitors are made from. */
  readonly visitorImage: string;
}

/** By which a simulation's topology is known to be as it was made. */
export const madeOf = (source: string): string => digestOf(source);

/** What is to be made for a trial, before it is. @throws DomainError `kit-not-tried` (facts: missing) */
export const planTrial = ({ images, visitorImage }: NewTrialDeps, { kit, ...recipe }: TrialRecipe) => {
  const found = findImages(
    recipe.services.map(({ image }) => image),
    images,
  );
  const names = found.map(({ name }) => name);
  const source = topologyOfRecipe({ kit, ...recipe }, { images: names, visitorImage });
  const made = recipe.services.flatMap(({ name: service }, index) => {
    const image = found[index];
    return image === undefined ? [] : [{ service, name: image.name, imageId: image.imageId }];
  });
  const trialOf = (
    standing: TenantStanding,
    id: string,
    simulation: { id: string; source: string },
    at: Date,
  ): Trial => ({
    ...{ tenantId: standing.tenantId, id, standing, kit, images: made, startedAt: at.toISOString() },
    ...{ simulationId: simulation.id, madeOf: madeOf(simulation.source) },
    ...{ runsBegun: 0, reportsFailed: 0, isStopped: false, status: "running" },
  });
  return { source, trialOf };
};

/** What our own topology lacks is what the kit has that no node can have. */
export const asKitFault = (error: unknown): unknown => {
  if (!(error instanceof DomainError) || error.code !== "topology-invalid") return error;
  const { findings } = error.facts;
  const first: unknown = Array.isArray(findings) ? findings[0] : undefined;
  const reason = typeof first === "object" && first !== null && "reason" in first ? String(first.reason) : "";
  return new DomainError("kit-not-tried", `No simulation can hold the kit as it is. ${reason}`.trim(), {
    cause: error,
  });
};
