import { join } from "node:path";
import { newLinks, newNodes } from "../sim-host/simulations/first-record.ts";
import type { Simulation } from "../sim-host/simulations/simulation.ts";
import { sqliteStore } from "../sim-host/store/sqlite-store.ts";
import { readTopology } from "../sim-host/topology/read-topology.ts";
import type { BenchEngine } from "./bench-sim-host.ts";
import { openBenchSimHost } from "./bench-sim-host.ts";
import type { Pair } from "./harness.ts";
import { figureOf, timed } from "./harness.ts";

/** As many as the largest plan keeps. */
const rowsOf = { large: 10_000, small: 10 } as const;
const requestsPerRound = 100;

const source = JSON.stringify({
  name: "kept",
  nodes: { web: { image: "toolbox" }, db: { image: "toolbox" }, client: { image: "toolbox" } },
  links: { front: { nodes: ["client", "web"], delay: "10ms" }, back: { nodes: ["web", "db"] } },
});

/** Simulations that were made and never started, as people leave them behind. */
const fill = (dataDirectory: string): void => {
  const read = readTopology(source, { images: ["toolbox"] });
  if (read.kind === "invalid") throw new Error("The topology of this bench has faults.");
  const { topology } = read;
  const store = sqliteStore({
    file: join(dataDirectory, "simulations.sqlite"),
    allocate: () => undefined,
    clock: () => new Date(),
  });
  const simulationOf = (tenantId: string, index: number): Simulation => {
    const at = new Date(Date.UTC(2026, 0, 1) + index * 60_000).toISOString();
    return {
      ...{ tenantId, id: `sim-kept${String(index).padStart(16, "0")}`, createdBy: { sub: "ada", orgId: tenantId } },
      ...{ source, topology, wanted: "stopped", status: "stopped", revision: 1, createdAt: at, updatedAt: at },
      ...{ nodes: newNodes(topology), links: newLinks(topology), lifetimeMinutes: 60 },
    };
  };
  for (const [tenantId, rows] of Object.entries(rowsOf)) {
    const tenant = store.forTenant(tenantId);
    tenant.inTransaction(() => {
      for (let index = 0; index < rows; index += 1) tenant.insert(simulationOf(tenantId, index));
    });
  }
  store.close();
};

/** The first page of a tenant with 10,000 simulations, 95th percentile of 100 requests, against that of a tenant with 10. */
export const simulationList = (engine: BenchEngine): Pair => ({
  name: "Simulations listed, 10,000 rows, p95",
  bound: { kind: "ratio", max: 3 },
  measured: "GET /v1/simulations, 20 of 10,000",
  baseline: "GET /v1/simulations, 10 of 10",
  rounds: 15,
  warmUp: 3,
  open: async () => {
    const host = await openBenchSimHost(engine, {}, fill);
    const p95 = async (tenantId: string): Promise<number> => {
      const times: number[] = [];
      for (let request = 0; request < requestsPerRound; request += 1) {
        times.push(await timed(() => host.call(tenantId, "GET", 200)));
      }
      return figureOf(times).p95;
    };
    return { measure: () => p95("large"), compare: () => p95("small"), close: () => host.close() };
  },
});
