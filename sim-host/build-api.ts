import { randomBytes, randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { joseAccessTokenVerifier } from "../shared/adapters/jose/access-token-verifier.ts";
import { DomainError } from "../shared/kernel/errors.ts";
import type { Check } from "../shared/health/check-health.ts";
import { makeCheckHealth } from "../shared/health/check-health.ts";
import type { Clock } from "../shared/kernel/clock.ts";
import type { Logger } from "../shared/kernel/logger.ts";
import type { ApiDeps, Usage } from "./api/api-deps.ts";
import { runRoutes } from "./api/runs.route.ts";
import { trialRoutes } from "./api/trials.route.ts";
import type { Metrics } from "./api/metrics.ts";
import { buildServer } from "./api/server.ts";
import { stopServer } from "./api/stop-server.ts";
import { usualTiming } from "./api/timing.ts";
import type { Simulations } from "./build-simulations.ts";
import type { Settings } from "./config.ts";
import { makeAskMembership } from "./control-plane/ask-membership.ts";
import { serviceKeyIn } from "./control-plane/service-key.ts";
import { makeTenants } from "./control-plane/tenants.ts";
import type { Engine } from "./engine/ports.ts";
import type { ImageList } from "./engine/image-list.ts";
import { makeHostFigures } from "./host-figures.ts";
import type { AskStanding } from "./host/sweep.ts";
import type { Links } from "./links/ports.ts";
import type { RunServices } from "./runs/run-services.ts";
import type { SimulationStore, TenantStanding, TopologyRules } from "./simulations/ports.ts";
import { saveFiles } from "./saves/save-files.ts";
import { makeSaves } from "./saves/saves.ts";
import type { OpenedStore } from "./open-store.ts";
import { isUp } from "./simulations/simulation-rules.ts";
import { pictureDot } from "./topology/picture-dot.ts";
import { pictureMermaid } from "./topology/picture-mermaid.ts";
import { pictureSvg } from "./topology/picture-svg.ts";
import { simulationLimits } from "./topology/simulation-limits.ts";
import { simulationSchema } from "./topology/topology-schema.ts";
import { trialView } from "./trials/trial.ts";
import type { Trials } from "./trials/trials.ts";
import type { Walls } from "./walls/walls.ts";
import { requireWalls } from "./walls/walls.ts";

interface Deps {
  readonly settings: Settings;
  readonly store: OpenedStore["store"];
  readonly engine: Engine;
  readonly links: Links;
  readonly simulations: Simulations;
  readonly runs: RunServices;
  readonly trials: Trials;
  readonly rules: TopologyRules;
  readonly images: ImageList;
  readonly metrics: Metrics;
  readonly walls: Pick<Walls, "isUp">;
  readonly clock: Clock;
  readonly log: Logger;
}

const graceMilliseconds = 5_000;
const version = "0.1.0";

/** Lines of a file that only this host's user reads. */
const keysIn = (file: string): readonly string[] =>
  readFileSync(file, "utf8")
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");

const usageOf =
  (store: SimulationStore) =>
  ({ tenantId, plan }: TenantStanding): Usage => {
    const { simulationsMax, minutesMax, nodesMax, linksMax, memoryMegabytesMax, cpusMax } = simulationLimits[plan];
    const active = store.host.listActive().filter((simulation) => simulation.tenantId === tenantId);
    const running = active.filter((simulation) => isUp(simulation) || simulation.status === "queued").length;
    const ofOne = { nodes: nodesMax, links: linksMax, memoryMegabytes: memoryMegabytesMax, cpus: cpusMax };
    return { limits: { simulations: simulationsMax, minutes: minutesMax, ...ofOne }, used: { simulations: running } };
  };

/** Nobody is stopped because nobody answers. */
const askStanding =
  (tenants: ReturnType<typeof makeTenants>): AskStanding =>
  async (subject) => {
    try {
      return await tenants.standingOfTenant(subject);
    } catch (error) {
      if (error instanceof DomainError && error.code === "unavailable") return undefined;
      throw error;
    }
  };

const tenantsOf = ({ settings, clock }: Deps) =>
  makeTenants({
    askMembership: makeAskMembership({
      functionsUrl: settings.CONTROL_PLANE_URL,
      serviceKey: serviceKeyIn(settings.SERVICE_KEY_FILE),
    }),
    clock,
  });

/** What the host cannot do without. */
const checksOf = ({ store, engine, links, walls }: Deps): Readonly<Record<string, Check>> => ({
  walls: () => Promise.resolve().then(() => requireWalls(walls)),
  engine: async () => {
    await engine.ping();
  },
  store: () => Promise.resolve().then(() => void store.host.listSubnets()),
  relay: () => links.ping(),
});

const checkMilliseconds = 2_000;
const tooLate = async (): Promise<never> => {
  await sleep(checkMilliseconds, undefined, { ref: false });
  throw new Error("The check took too long.");
};

/** The HTTP API of this host, and what it knows of tenants. */
export const buildApi = (deps: Deps) => {
  const { settings, store, engine, links, simulations, runs, trials, rules, images, metrics, walls, clock, log } = deps;
  const tenants = tenantsOf(deps);
  const files = saveFiles(join(settings.SIM_DATA_DIRECTORY, "saves"));
  const saves = makeSaves({ engine, store: store.saves, files, clock, randomBytes });
  const apiDeps: ApiDeps = {
    ...{ services: simulations.services, engine, links, tenants, rules, clock, log },
    verifier: joseAccessTokenVerifier({
      issuer: settings.OIDC_ISSUER,
      audience: settings.OIDC_PROJECT_ID,
      jwksUri: settings.OIDC_JWKS_URI,
    }),
    callerRules: { projectId: settings.OIDC_PROJECT_ID, operatorOrgId: settings.OPERATOR_ORG_ID },
    gatewayKeys: keysIn(settings.GATEWAY_KEY_FILE),
    publicOrigin: new URL(settings.PUBLIC_BASE_URL).origin,
    images: images.map(({ name, summary }) => ({ name, summary })),
    simulationSchema: simulationSchema(),
    pictures: {
      svg: (simulation) => pictureSvg({ topology: simulation.topology, live: simulation }),
      mermaid: (simulation) => pictureMermaid({ topology: simulation.topology, live: simulation }),
      dot: (simulation) => pictureDot({ topology: simulation.topology, live: simulation }),
    },
    saves,
    captureBytesMaxOf: (plan) => simulationLimits[plan].capturesBytesMax,
    checkHealth: makeCheckHealth({ version, clock, checks: checksOf(deps), timeout: tooLate }),
    metrics,
    figures: makeHostFigures({ store, areWallsUp: () => walls.isUp(), subnetRange: settings.SIM_SUBNETS }),
    usageOf: usageOf(store),
    lastRunOf: (standing, simulationId) => runs.newest(standing, simulationId),
    trialOf: (standing, simulationId) => {
      const trial = trials.of(standing, simulationId);
      return trial === undefined ? undefined : trialView(trial);
    },
    timing: usualTiming,
    newId: randomUUID,
    randomBytes,
  };
  const server = buildServer(apiDeps, [runRoutes(runs), trialRoutes(trials)]);
  return {
    server,
    standingOfTenant: askStanding(tenants),
    /** Removes files that belong to no save any more. */
    tidySaves: () => saves.tidy(),
    stop: () => stopServer(server, graceMilliseconds),
  };
};
