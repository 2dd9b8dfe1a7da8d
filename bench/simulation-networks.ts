import type { BenchEngine, BenchSimHost } from "./bench-sim-host.ts";
import { openBenchSimHost } from "./bench-sim-host.ts";
import type { Pair } from "./harness.ts";
import { figureOf, timed } from "./harness.ts";

const tenantsCount = 200;
const smallPosition = 10;
const positionsShown = [smallPosition, 50, 100, 150, tenantsCount] as const;
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

const nearby = (made: readonly Made[], position: number): readonly number[] => {
  const first = Math.max(0, Math.min(position - around, made.length - 2 * around) - 1);
  return made.slice(first, first + 2 * around + 1).map(({ milliseconds }) => milliseconds);
};

const costAt = (made: readonly Made[], position: number): number => figureOf(nearby(made, position)).median;

const make = async (host: BenchSimHost, tenantId: string): Promise<Made> => {
  let id = "";
  const milliseconds = await timed(async () => (id = await host.start(tenantId, topology)));
  return { tenantId, id, milliseconds };
};

const removeAll = async (host: BenchSimHost, made: readonly Made[]): Promise<void> => {
  const left = [...made];
  const work = async (): Promise<void> => {
    for (let next = left.pop(); next !== undefined; next = left.pop()) await host.remove(next.tenantId, next.id);
  };
  await Promise.all(Array.from({ length: removedAtOnce }, work));
};

/** Costs by position, and those around the 10th once more: the machine's own speed changes in the minutes between. */
const buildUp = async (host: BenchSimHost) => {
  const made: Made[] = [];
  for (const tenantId of tenants) made.push(await make(host, tenantId));
  await removeAll(host, made.slice(smallPosition - 1));
  const again: number[] = [];
  for (const tenantId of tenants.slice(-2 * around - 1)) {
    const one = await make(host, tenantId);
    again.push(one.milliseconds);
    await host.remove(tenantId, one.id);
  }
  await removeAll(host, made.slice(0, smallPosition - 1));
  return { made, again };
};

/**
 * 200 tenants start a simulation with a network of its own, one after the other, and all of them run on: what the last ones
 * cost against the first ones. An engine by itself has room for 30 networks. `note` gets the curve.
 */
export const simulationNetworks = (engine: BenchEngine, note: (line: string) => void): Pair => ({
  name: "200 networks of 200 tenants",
  bound: { kind: "ratio", max: 1.5 },
  measured: "a start around the 200th",
  baseline: "around the 10th, before and after",
  rounds: 1,
  warmUp: 0,
  open: async () => {
    const settings = { SIM_MEMORY_MEGABYTES: "64000", SIM_CPUS: "500", SIM_SIMULATIONS_MAX: String(tenantsCount) };
    const host = await openBenchSimHost(engine, settings);
    const { made, again } = await buildUp(host).finally(() => host.close());
    const curve = positionsShown.map((position) => `${position}th ${costAt(made, position).toFixed(0)} ms`);
    const after = `${smallPosition}th again ${figureOf(again).median.toFixed(0)} ms`;
    note(`cost of a simulation with a network, by how many there are: ${curve.join(", ")}, ${after}`);
    return {
      measure: () => Promise.resolve(costAt(made, tenantsCount)),
      compare: () => Promise.resolve(figureOf([...nearby(made, smallPosition), ...again]).median),
      close: () => Promise.resolve(),
    };
  },
});
