import type { Links } from "../links/ports.ts";
import { portIdOf } from "../simulations/names.ts";
import type { Simulation, SimulationLink } from "../simulations/simulation.ts";
import type { Sample } from "./counters.ts";
import type { NodeSights } from "./node-sights.ts";

interface Deps {
  readonly links: Pick<Links, "counters">;
  readonly sights: NodeSights;
}

/** What one link has counted, for each direction of it that has something to count. */
export const readCounters = async (
  { links, sights }: Deps,
  { tenantId, id, topology }: Simulation,
  { name, networkId }: SimulationLink,
): Promise<readonly Sample[]> => {
  const nodes = topology.links.find((link) => link.name === name)?.nodes ?? [];
  const macs = new Map<string, string>();
  for (const node of nodes) {
    const attachments = (await sights.look(node))?.attachments ?? [];
    const mac = attachments.find((attachment) => attachment.networkId === networkId)?.macAddress;
    if (mac !== undefined) macs.set(mac, node);
  }
  const counted = await Promise.all(
    nodes.map(async (to) => ({ to, counters: await links.counters(portIdOf(tenantId, id, name, to)) })),
  );
  return counted.flatMap(({ to, counters }) =>
    counters.flatMap(({ sourceMac, frames, lost, corrupted, overflowed }): readonly Sample[] => {
      const from = macs.get(sourceMac);
      return from === undefined ? [] : [{ link: name, from, to, frames, lost, corrupted, overflowed }];
    }),
  );
};
