import type { HostFigures } from "./api/metrics.ts";
import type { SimulationStore } from "./simulations/ports.ts";

interface Deps {
  readonly store: Pick<SimulationStore, "host">;
  readonly areWallsUp: () => boolean;
  /** Where links get their subnets, as in `10.111.0.0/16`. */
  readonly subnetRange: string;
}

const linkPrefixBits = 27;

/** How many /27s a range has. */
const subnetsIn = (range: string): number => 2 ** Math.max(0, linkPrefixBits - Number(range.split("/")[1]));

const countBy = (words: readonly string[]): Readonly<Record<string, number>> => {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return Object.fromEntries(counts);
};

/** What the host has at this moment. Subnets that touch other networks of the machine count as free. */
export const makeHostFigures =
  ({ store, areWallsUp, subnetRange }: Deps) =>
  (): HostFigures => {
    const active = store.host.listActive();
    const used = store.host.listSubnets().length;
    return {
      simulationsByStatus: countBy(active.map(({ status }) => status)),
      nodesByState: countBy(active.flatMap(({ nodes }) => nodes.map(({ state }) => state))),
      queueLength: active.filter(({ status }) => status === "queued").length,
      areWallsUp: areWallsUp(),
      subnets: { used, free: subnetsIn(subnetRange) - used },
    };
  };
