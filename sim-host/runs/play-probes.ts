import type { Simulation } from "../simulations/simulation.ts";
import type { Assertion } from "../topology/topology.ts";
import type { NodeSights } from "./node-sights.ts";
import type { Prober } from "./ports.ts";
import type { ProbeResult } from "./run.ts";
import { rounded } from "./words.ts";

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
  /** Since the start of the run. */
  readonly seconds: () => number;
}

/**
 * One probe of an assertion, which ends with the assertion's time at the latest: what becomes reachable after it is not its
 * business, and neither is what a node is like after it. A node that does not run reaches nothing. Undefined: the host could
 * not make the probe in that time.
 */
export const playProbe = async (
  { prober, sights, seconds }: Deps,
  simulation: Simulation,
  { probe, untilSeconds }: Assertion,
): Promise<ProbeResult | undefined> => {
  const leftMilliseconds = (): number => Math.round((untilSeconds - seconds()) * 1000);
  const unable = (detail: string): ProbeResult | undefined =>
    leftMilliseconds() <= 0 ? undefined : { atSeconds: rounded(seconds()), isReached: false, milliseconds: 0, detail };
  if (leftMilliseconds() <= 0) return undefined;
  const from = simulation.nodes.find(({ name }) => name === probe.from);
  const addresses = addressesOf(simulation, probe.from, probe.to);
  if (from?.state !== "running") return unable(`${probe.from} is ${from?.state ?? "gone"}`);
  if (addresses.length === 0) return unable(`${probe.to} has no address`);
  try {
    // The engine may take its time to answer.
    const container = await sights.look(probe.from);
    if (container === undefined) return unable(`${probe.from} does not run`);
    const [askedAtSeconds, left] = [seconds(), leftMilliseconds()];
    if (left <= 0) return undefined;
    const outcome = await prober.probe(container, { addresses, probe }, Math.min(timeoutMilliseconds, left));
    const { waitedMilliseconds, ...result } = outcome;
    return { atSeconds: rounded(askedAtSeconds + waitedMilliseconds / 1000), ...result };
  } catch {
    // The prober logs why.
    return undefined;
  }
};
