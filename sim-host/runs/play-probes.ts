import type { Simulation } from "../simulations/simulation.ts";
import type { Assertion } from "../topology/topology.ts";
import type { NodeSights } from "./node-sights.ts";
import type { Prober, ProbeOutcome } from "./ports.ts";

const timeoutMilliseconds = 2_000;

/**
 * Where a node can be reached: on every link that both share. Those that share none are tried on all links of the target,
 * which is how one sees that they are apart.
 */
const addressesOf = (
  { topology, links }: Pick<Simulation, "topology" | "links">,
  from: string,
  to: string,
): readonly string[] => {
  const shared = topology.links.filter(({ nodes }) => nodes.includes(from) && nodes.includes(to));
  const tried = shared.length > 0 ? shared : topology.links.filter(({ nodes }) => nodes.includes(to));
  return tried.flatMap(({ name }) => links.find((link) => link.name === name)?.addresses[to] ?? []);
};

interface Deps {
  readonly prober: Prober;
  readonly sights: NodeSights;
}

const unable = (detail: string): ProbeOutcome => ({
  ...{ isReached: false, milliseconds: 0, detail, waitedMilliseconds: 0 },
});

/**
 * One probe of an assertion, which ends with the assertion's time at the latest: what becomes reachable after it is not its
 * business. A node that does not run reaches nothing. Undefined: the host could not make the probe.
 */
export const playProbe = async (
  { prober, sights }: Deps,
  simulation: Simulation,
  { probe, untilSeconds }: Assertion,
  nowSeconds: number,
): Promise<ProbeOutcome | undefined> => {
  const left = Math.round((untilSeconds - nowSeconds) * 1000);
  if (left <= 0) return undefined;
  const from = simulation.nodes.find(({ name }) => name === probe.from);
  const addresses = addressesOf(simulation, probe.from, probe.to);
  if (from?.state !== "running") return unable(`${probe.from} is ${from?.state ?? "gone"}`);
  if (addresses.length === 0) return unable(`${probe.to} has no address`);
  try {
    const container = await sights.look(probe.from);
    if (container === undefined) return unable(`${probe.from} does not run`);
    return await prober.probe(container, { addresses, probe }, Math.min(timeoutMilliseconds, left));
  } catch {
    // The prober logs why.
    return undefined;
  }
};
