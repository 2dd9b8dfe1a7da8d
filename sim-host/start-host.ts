import { mkdirSync, readFileSync } from "node:fs";
import { setTimeout as sleepFor } from "node:timers/promises";
import type { Clock } from "../shared/kernel/clock.ts";
import type { Logger } from "../shared/kernel/logger.ts";
import { buildApi } from "./build-api.ts";
import { buildRuns } from "./build-runs.ts";
import type { Simulations } from "./build-simulations.ts";
import { buildSimulations } from "./build-simulations.ts";
import type { Settings } from "./config.ts";
import type { Metrics } from "./api/metrics.ts";
import { makeMetrics } from "./api/metrics.ts";
import { dockerEngine } from "./engine/docker-engine.ts";
import { weaknessesOf } from "./engine/engine-facts.ts";
import { meteredEngine } from "./engine/metered-engine.ts";
import { ownedEngine } from "./engine/owned-engine.ts";
import type { Engine } from "./engine/ports.ts";
import { ImageList, missingImages } from "./engine/image-list.ts";
import { makeFollowEngine, makeRestoreNodes } from "./host/follow-engine.ts";
import { readHostId } from "./host-id.ts";
import { isHolderGone, thisHolder } from "./host/holder.ts";
import type { Chore } from "./host/keep-house.ts";
import { keepHouse, keepLease } from "./host/keep-house.ts";
import type { Lease } from "./host/lease.ts";
import { makeLease } from "./host/lease.ts";
import { makeReapOrphans } from "./host/reap-orphans.ts";
import { restoreLinks } from "./host/restore-links.ts";
import { makeStopSuspended, makeSweep } from "./host/sweep.ts";
import type { Links } from "./links/ports.ts";
import { openLinks } from "./links/open-links.ts";
import type { RunServices } from "./runs/run-services.ts";
import type { Operation } from "./simulations/simulation.ts";
import type { HostCapacity, SimulationStore } from "./simulations/ports.ts";
import { buildWalls } from "./build-walls.ts";
import type { OpenedStore } from "./open-store.ts";
import { openStore } from "./open-store.ts";
import { buildTrials } from "./build-trials.ts";
import { topologyRules } from "./topology-rules.ts";
import type { Trials } from "./trials/trials.ts";
import { canaryTenant } from "./walls/canaries.ts";
import type { Walls } from "./walls/walls.ts";
import { requireWalls } from "./walls/walls.ts";

interface HostOptions {
  readonly log: Logger;
  /** Another host took the engine over. */
  readonly onLost: () => void;
}

export interface RunningHost {
  readonly url: string;
  stop(): Promise<void>;
}

const clock: Clock = () => new Date();
const leaseWaitMilliseconds = 2_000;
const leaseWaitsMax = 60;

/** The engine's images, all of which must be there. @throws Error that names what is missing */
const readImages = async (file: string, imageIds: () => Promise<ReadonlySet<string>>): Promise<ImageList> => {
  const images = ImageList.parse(JSON.parse(readFileSync(file, "utf8")));
  const missing = missingImages(images, await imageIds());
  if (missing.length === 0) return images;
  const names = missing.map(({ name, reference }) => `${name} (${reference})`).join(", ");
  throw new Error(`The engine has not all images of ${file}. Pull or load: ${names}.`);
};

/** Waits while another host, or one that was just killed, holds the engine. @throws Error after two minutes */
const waitForLease = async (lease: Lease, log: Logger): Promise<void> => {
  for (let count = 1; !lease.hold(); count += 1) {
    if (count === 1) log.info("another host holds the engine; waiting for it");
    if (count === leaseWaitsMax) throw new Error("Another simulation host holds the engine. Stop it first.");
    await sleepFor(leaseWaitMilliseconds);
  }
};

interface Running {
  readonly engine: Engine;
  readonly store: SimulationStore;
  readonly lease: Lease;
  readonly links: Links;
  readonly simulations: Simulations;
  readonly runs: RunServices;
  readonly trials: Trials;
  readonly standingOfTenant: Parameters<typeof makeStopSuspended>[1];
  readonly tidySaves: () => Promise<void>;
}

/** What the host does by itself, each at its pace. */
const beginChores = (running: Running, log: Logger) => {
  const { engine, store, lease, links, simulations, runs, trials, standingOfTenant, tidySaves } = running;
  const { records, queue, wake } = simulations;
  const isOurs = (tenantId: string): boolean => tenantId === canaryTenant;
  const sweeping = { store, records, queue, wake, clock, log };
  const hour = 3_600_000;
  const chores: readonly Chore[] = [
    { name: "files of saves", everyMilliseconds: hour, run: tidySaves },
    { name: "sweep", everyMilliseconds: 2_000, run: makeSweep(sweeping) },
    { name: "suspended tenants", everyMilliseconds: 30_000, run: makeStopSuspended(sweeping, standingOfTenant) },
    {
      name: "orphans",
      everyMilliseconds: 60_000,
      run: makeReapOrphans({ engine, store, records, wake, isOurs, log }),
    },
    { name: "links", everyMilliseconds: 10_000, run: () => links.check() },
    { name: "runs", everyMilliseconds: 60_000, run: () => runs.tidy() },
    { name: "trials", everyMilliseconds: 1_000, run: () => trials.advance() },
    { name: "trials that are over", everyMilliseconds: hour, run: () => trials.tidy() },
  ];
  const house = keepHouse(chores, { lease, log });
  const ending = new AbortController();
  const restoreNodes = makeRestoreNodes({ engine, store, records });
  const sleep = (milliseconds: number, signal: AbortSignal): Promise<void> =>
    sleepFor(milliseconds, undefined, { signal }).catch(() => undefined);
  const following = makeFollowEngine({ engine, store, records, wake, log, sleep }, restoreNodes)(ending.signal);
  return {
    async stop() {
      ending.abort();
      await Promise.all([house.stop(), following]);
    },
  };
};

/** Counts operations that have ended, and how long they took. */
const noteOperation =
  ({ operation }: Metrics) =>
  ({ kind, status, createdAt, endedAt = createdAt }: Operation): void =>
    operation(kind, status, (Date.parse(endedAt) - Date.parse(createdAt)) / 1000);

/** Takes everything of ours out of the engine; the records still want it, so the next start makes it again. */
const clearEngine = async (engine: Engine): Promise<void> => {
  const { containers, networks } = await engine.list();
  await Promise.all(containers.map(({ id }) => engine.removeContainer(id)));
  await Promise.all(networks.map(({ id }) => engine.removeNetwork(id)));
};

/** The engine as this host sees it, and the images that nodes may be made from. @throws Error naming what is missing */
const openEngine = async (settings: Settings, hostId: string, metrics: Metrics, log: Logger) => {
  const docker = dockerEngine({
    socketPath: settings.DOCKER_SOCKET,
    ...(settings.SIM_RUNTIME === undefined ? {} : { runtime: settings.SIM_RUNTIME }),
  });
  const metered = meteredEngine(docker, metrics.dockerCall, () => performance.now());
  const engine = ownedEngine(metered, hostId);
  const facts = await engine.facts();
  log.info("the engine answers", { version: facts.version, remapsUsers: facts.remapsUsers });
  for (const weakness of weaknessesOf(facts)) log.warn("the engine could be safer", { reason: weakness });
  const images = await readImages(settings.SIM_IMAGES_FILE, () => engine.imageIds());
  const imageIds = new Map(images.map(({ name, imageId }) => [name, imageId]));
  const canaryImageId = imageIds.get(settings.SIM_CANARY_IMAGE);
  if (canaryImageId === undefined) {
    throw new Error(`No image is called ${settings.SIM_CANARY_IMAGE} (SIM_CANARY_IMAGE).`);
  }
  return { engine, images, imageIds, canaryImageId };
};

const capacityOf = (settings: Settings): HostCapacity => ({
  memoryMegabytes: settings.SIM_MEMORY_MEGABYTES,
  cpus: settings.SIM_CPUS,
  simulationsMax: settings.SIM_SIMULATIONS_MAX,
});

type Opened = Awaited<ReturnType<typeof openEngine>> & {
  readonly opened: OpenedStore;
  readonly lease: Lease;
  readonly links: Links;
  readonly walls: Walls;
  readonly metrics: Metrics;
};

/** Services and API over what was opened. */
const buildServices = (settings: Settings, parts: Opened, log: Logger) => {
  const { engine, images, imageIds, opened, lease, links, walls, metrics } = parts;
  const { store } = opened;
  const rules = topologyRules(images.map(({ name }) => name));
  const simulations = buildSimulations({
    ...{ store, engine, links, lease, rules, imageIds, clock, log },
    capacity: capacityOf(settings),
    avoidSubnet: (subnet) => opened.avoidSubnet(subnet),
    requireWalls: () => requireWalls(walls),
    onOperation: noteOperation(metrics),
  });
  const runs = buildRuns({
    ...{ dataDirectory: settings.SIM_DATA_DIRECTORY, runs: store.runs },
    ...{ engine, links, simulations, clock, log },
  });
  const trials = buildTrials({
    ...{ settings, store: store.trials, saves: store.saves, simulations, runs, images, clock, log },
  });
  const api = buildApi({
    ...{ settings, store, engine, links, simulations, runs, trials, rules, images, metrics, walls, clock, log },
  });
  return { simulations, runs, trials, api };
};

const networksMilliseconds = 60_000;

/**
 * Starts the host on this machine's engine: what an earlier one left is taken up or away first.
 * @throws Error when something it needs is not there
 */
export const startHost = async (settings: Settings, { log, onLost }: HostOptions): Promise<RunningHost> => {
  mkdirSync(settings.SIM_DATA_DIRECTORY, { recursive: true, mode: 0o700 });
  const hostId = readHostId(settings.SIM_DATA_DIRECTORY);
  const metrics = makeMetrics({ hasProcessMetrics: true });
  const docker = await openEngine(settings, hostId, metrics, log);
  const { engine, canaryImageId } = docker;
  const opened = await openStore(settings, clock, log);
  const { store } = opened;
  const lease = makeLease({ store, engine: settings.DOCKER_SOCKET, holder: thisHolder(), isGone: isHolderGone, clock });
  await waitForLease(lease, log);
  const letLeaseGo = keepLease(lease, onLost);
  const links = openLinks({ owner: hostId, logger: log });
  const avoidSubnet = (subnet: string): void => opened.avoidSubnet(subnet);
  const walls = await buildWalls({ settings, engine, store, lease, canaryImageId, hostId, avoidSubnet, clock, log });
  const services = buildServices(settings, { ...docker, opened, lease, links, walls, metrics }, log);
  const { simulations, runs, trials, api } = services;
  const checkLinks = await restoreLinks({ store, shapeLinks: simulations.shapeLinks, links, log });
  await walls.start();
  await runs.tidy();
  const { standingOfTenant, tidySaves } = api;
  const running = { engine, store, lease, links, simulations, runs, trials, standingOfTenant, tidySaves };
  const chores = beginChores({ ...running, links: { ...links, check: checkLinks } }, log);
  const refreshing = setInterval(() => void opened.refreshNetworks(), networksMilliseconds).unref();
  const url = await api.server.listen({ host: settings.SIM_LISTEN_ADDRESS, port: settings.SIM_PORT });
  return {
    url,
    async stop() {
      clearInterval(refreshing);
      await Promise.all([api.stop(), runs.close()]);
      await chores.stop();
      await simulations.reconciler.stop();
      if (settings.SIM_ON_SHUTDOWN === "remove") await clearEngine(engine);
      await walls.stop();
      await links.close();
      letLeaseGo();
      lease.release();
      opened.close();
    },
  };
};
