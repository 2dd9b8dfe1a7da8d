import { randomBytes } from "node:crypto";
import type { Clock } from "../shared/kernel/clock.ts";
import type { Logger } from "../shared/kernel/logger.ts";
import type { Simulations } from "./build-simulations.ts";
import type { Settings } from "./config.ts";
import { makeKitCatalogue } from "./control-plane/kit-catalogue.ts";
import { serviceKeyIn } from "./control-plane/service-key.ts";
import type { ImageList } from "./engine/image-list.ts";
import type { RunServices } from "./runs/run-services.ts";
import type { SaveStore } from "./saves/ports.ts";
import { recordId } from "./simulations/names.ts";
import type { TrialStore } from "./trials/ports.ts";
import type { Trials } from "./trials/trials.ts";
import { makeTrials } from "./trials/trials.ts";

interface Deps {
  readonly settings: Settings;
  readonly store: TrialStore;
  readonly simulations: Simulations;
  readonly runs: RunServices;
  readonly images: ImageList;
  readonly saves: SaveStore;
  readonly clock: Clock;
  readonly log: Logger;
}

const idBytes = 13;

/** What tries kits, wired. Visitors are made from the image of the canaries: the one that every host has. */
export const buildTrials = ({ settings, store, saves, simulations, runs, images, clock, log }: Deps): Trials =>
  makeTrials({
    ...{ store, runs, images, clock, log, services: simulations.services, records: simulations.records },
    catalogue: makeKitCatalogue({
      functionsUrl: settings.CONTROL_PLANE_URL,
      serviceKey: serviceKeyIn(settings.SERVICE_KEY_FILE),
    }),
    hasSaves: (tenantId, simulationId) => saves.forTenant(tenantId).list(simulationId).length > 0,
    visitorImage: settings.SIM_CANARY_IMAGE,
    newId: () => recordId("trial", randomBytes(idBytes)),
  });
