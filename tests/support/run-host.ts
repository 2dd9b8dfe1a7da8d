import { randomBytes } from "node:crypto";
import type { CaptureFiles, Prober, ProbeTarget } from "../../sim-host/runs/ports.ts";
import { makeRestoreTopology } from "../../sim-host/runs/restore-topology.ts";
import { makeRunServices } from "../../sim-host/runs/run-services.ts";
import { recordId } from "../../sim-host/simulations/names.ts";
import type { Topology } from "../../sim-host/topology/topology.ts";
import { fakeTime } from "./fake-time.ts";
import type { HostParts } from "./sim-host.ts";
import { aHost, aStanding, aTopology } from "./sim-host.ts";

type Host = ReturnType<typeof aHost>;

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

const impairmentsTo = (host: Host, address: string) => {
  const [container] = [...host.engine.containers.values()].filter(({ wish }) =>
    wish.attachments.some(({ ipAddress }) => ipAddress === address),
  );
  const mac = `02:42:${address
    .split(".")
    .map((part) => Number(part).toString(16).padStart(2, "0"))
    .join(":")}`;
  const port = [...host.links.ports.values()].find(({ macAddress }) => macAddress === mac);
  return { isRunning: container?.state === "running", port };
};

/** Reaches what runs on a link that is not down and loses nothing for certain: what the links and nodes in memory mean. */
const memoryProber = (host: Host): Prober => ({
  prepare: () => Promise.resolve(),
  probe(_container, { addresses }: ProbeTarget) {
    const ways = addresses.map((address) => impairmentsTo(host, address));
    const isReached = ways.some(
      ({ isRunning, port }) =>
        isRunning &&
        port?.isDown !== true &&
        !(port?.bySource.some(({ impairment }) => impairment.lossPercent === 100) ?? false),
    );
    const detail = isReached ? "connected" : "no answer";
    return Promise.resolve({ isReached, milliseconds: 1, detail, waitedMilliseconds: 0 });
  },
  close: () => Promise.resolve(),
});

/** Files in memory, so that a test's time does not wait for a disk. */
const memoryFiles = (): CaptureFiles => {
  const files = new Map<string, Uint8Array>();
  return {
    async write(runId, name, pieces) {
      const all: Uint8Array[] = [];
      for await (const piece of pieces) all.push(piece);
      const bytes = Buffer.concat(all);
      files.set(`${runId}/${name}`, bytes);
      return bytes.length;
    },
    read: (runId, name) => Promise.resolve(files.get(`${runId}/${name}`) ?? new Uint8Array()),
    sizes: (runId) => {
      const own = [...files].filter(([path]) => path.startsWith(`${runId}/`));
      return Promise.resolve(Object.fromEntries(own.map(([path, bytes]) => [path.split("/")[1], bytes.length])));
    },
    keepOnly(listRunIds) {
      for (const path of files.keys()) if (!listRunIds().has(path.split("/")[0] ?? "")) files.delete(path);
      return Promise.resolve();
    },
  };
};

/** A host in memory that plays runs, in time that is played by the test. */
export const aRunHost = (parts: HostParts & { readonly prober?: Prober } = {}) => {
  const host = aHost(parts);
  const time = fakeTime();
  const { services, records, links, hub, engine, wake, reconciler, file } = host;
  const restore = makeRestoreTopology({ services, records, wake, log: silent });
  const settled = (tenantId: string, id: string) => reconciler.settled(tenantId, id);
  const runs = makeRunServices({
    ...{ services, records, links, hub, engine, settled, restore, time, log: silent, runs: file.runs },
    clock: () => new Date(Date.UTC(2026, 0, 1) + time.nowMilliseconds()),
    openProber: () => parts.prober ?? memoryProber(host),
    files: memoryFiles(),
    newId: () => recordId("run", randomBytes(16)),
  });
  return { ...host, time, runs };
};

export type RunHost = ReturnType<typeof aRunHost>;

/** A running simulation of that topology, Acme's. */
export const aRunningSimulation = async (host: Host, topology: Topology): Promise<string> => {
  const { simulation } = await host.services.create(aStanding("acme"), JSON.stringify(topology), { start: true });
  await host.reconciler.settled("acme", simulation.id);
  return simulation.id;
};

/** Client and web on `front`, web and db on `back`. */
export const aThreeTierLab = (more: Partial<Topology> = {}): Topology =>
  aTopology(["client", "web", "db"], {
    links: [
      { name: "front", nodes: ["client", "web"], impairment: { delayMilliseconds: 10 }, directions: [] },
      { name: "back", nodes: ["web", "db"], impairment: {}, directions: [] },
    ],
    ...more,
  });
