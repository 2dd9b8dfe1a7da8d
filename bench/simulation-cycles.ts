import { waitUntil } from "../local/process/wait-until.ts";
import type { BenchEngine, BenchSimHost } from "./bench-sim-host.ts";
import { openBenchSimHost } from "./bench-sim-host.ts";
import type { Pair } from "./harness.ts";
import { figureOf } from "./harness.ts";
import type { Things } from "./host-leftovers.ts";
import { countThings, residentMegabytes } from "./host-leftovers.ts";

const cyclesMax = 1_000;
/** Until then the heap finds its size. */
const cyclesBefore = 100;
/** A cycle waits for the engine most of its time. */
const tenants = ["one", "two", "three", "four"] as const;
const minutesMax = 10;
const settleMilliseconds = 60_000;
/** Memory is what is left after collections: the least of the last samples. */
const samplesCompared = 25;

const node = { image: "toolbox", command: ["sleep", "infinity"], limits: { memory: "16MB", cpus: 0.1 } };
/** The smallest that leaves something of each kind behind, should anything be left: also taps and filters of an impaired link. */
const topology = { name: "pair", nodes: { a: node, b: node }, links: { cable: { nodes: ["a", "b"], delay: "1ms" } } };

const cycle = async (host: BenchSimHost, tenantId: string): Promise<void> =>
  host.remove(tenantId, await host.start(tenantId, topology));

/** Cycles of all tenants at once until the number or the time is reached; answers the memory after each, in megabytes. */
const play = async (host: BenchSimHost): Promise<readonly number[]> => {
  const deadline = performance.now() + minutesMax * 60_000;
  const samples: number[] = [];
  let begun = 0;
  const work = async (tenantId: string): Promise<void> => {
    while (begun < cyclesMax && performance.now() < deadline) {
      begun += 1;
      await cycle(host, tenantId);
      samples.push(await residentMegabytes(host));
    }
  };
  await Promise.all(tenants.map(work));
  return samples;
};

/** By least squares, in kilobytes per cycle. */
const slopeOf = (samples: readonly number[]): number => {
  const middle = (samples.length - 1) / 2;
  const mean = samples.reduce((sum, value) => sum + value, 0) / samples.length;
  const above = samples.reduce((sum, value, index) => sum + (index - middle) * (value - mean), 0);
  const below = samples.reduce((sum, _value, index) => sum + (index - middle) ** 2, 0);
  return (above / below) * 1000;
};

/** Fewer are no leftovers: the engine was still letting go of some when they were counted first. */
const difference = (before: Things, after: Things): readonly string[] => {
  const counts = new Map(Object.entries(after));
  return Object.entries(before).flatMap(([name, count]) => {
    const now = counts.get(name) ?? 0;
    return now <= count ? [] : [`${name}: ${count} before, ${now} after`];
  });
};

/** The engine lets go of some things a moment after it said so. */
const leftoversOf = async (engine: BenchEngine, host: BenchSimHost, before: Things): Promise<readonly string[]> => {
  let left: readonly string[] = [];
  await waitUntil(
    async () => {
      left = difference(before, await countThings(engine, host));
      return left.length === 0;
    },
    settleMilliseconds,
    500,
  );
  return left;
};

const leastOf = (samples: readonly number[]): number => figureOf(samples).min;

/** What a played-out host shows; the two pairs below look at the same one. */
const playOnce = async (engine: BenchEngine, note: (line: string) => void) => {
  // A heap as large as the machine allows is not collected until it is large: what grows then says nothing about what is kept.
  const host = await openBenchSimHost(engine, { NODE_OPTIONS: "--max-old-space-size=128" });
  try {
    // The first one starts the relay, which stays.
    await cycle(host, tenants[0]);
    const before = await countThings(engine, host);
    const samples = await play(host);
    const left = await leftoversOf(engine, host, before);
    const beginning = samples.slice(cyclesBefore, cyclesBefore + samplesCompared);
    const end = samples.slice(-samplesCompared);
    const rest = samples.slice(cyclesBefore);
    note(
      `${samples.length} cycles, ${slopeOf(rest).toFixed(1)} kB of memory per cycle after the first ${cyclesBefore}`,
    );
    note(left.length === 0 ? `left behind: nothing of ${JSON.stringify(before)}` : `left behind: ${left.join("; ")}`);
    return { beginning: leastOf(beginning), end: leastOf(end), left: left.length };
  } finally {
    await host.close();
  }
};

/** Memory of the host, and what is left, after 1,000 simulations were started and deleted, or as many as 10 minutes allow. */
export const simulationCycles = (engine: BenchEngine, note: (line: string) => void): readonly Pair[] => {
  let played: ReturnType<typeof playOnce> | undefined;
  const results = () => (played ??= playOnce(engine, note));
  const once = { rounds: 1, warmUp: 0 } as const;
  const close = (): Promise<void> => Promise.resolve();
  return [
    {
      ...{ name: "Simulations made and deleted: memory", bound: { kind: "ratio", max: 1.1 }, unit: "MB", ...once },
      ...{ measured: "after 1,000 or 10 minutes", baseline: `after ${cyclesBefore}` },
      open: async () => {
        const { beginning, end } = await results();
        return { measure: () => Promise.resolve(end), compare: () => Promise.resolve(beginning), close };
      },
    },
    {
      ...{
        name: "Simulations made and deleted: left behind",
        bound: { kind: "difference", max: 0 },
        unit: "kinds",
        ...once,
      },
      ...{ measured: "after 1,000 or 10 minutes", baseline: "nothing" },
      open: async () => {
        const { left } = await results();
        return { measure: () => Promise.resolve(left), compare: () => Promise.resolve(0), close };
      },
    },
  ];
};
