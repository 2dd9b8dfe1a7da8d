import type { BenchEngine, BenchSimHost } from "./bench-sim-host.ts";
import { openBenchSimHost } from "./bench-sim-host.ts";
import type { Pair } from "./harness.ts";
import { figureOf, timed } from "./harness.ts";

const tenantsCount = 200;
const positionsShown = [10, 50, 100, 150, 200] as const;
/** A position's cost is the median of these many on both sides of it, or of the last ones. */
const around = 5;
const removedAtOnce = 8;

const command = ["sleep", "infinity"];
const node = { image: "toolbox", command, limits: { memory: "16MB", cpus: 0.1 } };
/** The smallest that has a network. */
const topology = { name: "pair", nodes: { a: node, b: node }, links: { cable: { nodes: ["a", "b"] } } };

const tenants = Array.from({ length: tenantsCount }, (_, index) => `tenant-${index + 1}`);

interface Made {
  readonly tenantId: string;
  readonly id: string;
  readonly milliseconds: number;
}

const costAt = (made: readonly Made[], position: number): number => {
  const first = Math.min(position - around, made.length - 2 * around) - 1;
  const those = made.slice(Math.max(0, first), first + 2 * around + 1);
  return figureOf(those.map(({ milliseconds }) => milliseconds)).median;
};

const removeAll = async (host: BenchSimHost, made: readonly Made[]): Promise<void> => {
  const left = [...made];
  const work = async (): Promise<void> => {
    for (let next = left.pop(); next !== undefined; next = left.pop()) await host.remove(next.tenantId, next.id);
  };
  await Promise.all(Array.from({ length: removedAtOnce }, work));
};

/**
 * 200 tenants start a simulation with a network of its own, one after the other, and all of them run on: what the last ones
 * cost against the first ones. An engine by itself has room for 30 networks. `note` gets the curve.
 */
export const simulationNetworks = (engine: BenchEngine, note: (line: string) => void): Pair => ({
  name: "200 networks of 200 tenants",
  bound: { kind: "ratio", max: 1.5 },
  measured: "a start around the 200th",
  baseline: "a start around the 10th",
  rounds: 1,
  warmUp: 0,
  open: async () => {
    const settings = { SIM_MEMORY_MEGABYTES: "64000", SIM_CPUS: "500", SIM_SIMULATIONS_MAX: String(tenantsCount) };
    const host = await openBenchSimHost(engine, settings);
    const made: Made[] = [];
    try {
      for (const tenantId of tenants) {
        let id = "";
        const milliseconds = await timed(async () => (id = await host.start(tenantId, topology)));
        made.push({ tenantId, id, milliseconds });
      }
    } catch (error) {
      await removeAll(host, made);
      await host.close();
      throw error;
    }
    const curve = positionsShown.map((position) => `${position}th ${costAt(made, position).toFixed(0)} ms`);
    note(`cost of a simulation with a network, by how many there are: ${curve.join(", ")}`);
    return {
      measure: () => Promise.resolve(costAt(made, tenantsCount)),
      compare: () => Promise.resolve(costAt(made, positionsShown[0])),
      async close() {
        await removeAll(host, made);
        await host.close();
      },
    };
  },
});
