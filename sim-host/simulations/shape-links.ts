import type { DockerId, Engine, SeenContainer } from "../engine/ports.ts";
import type { Links, PortState } from "../links/ports.ts";
import { digestOf, portIdOf } from "./names.ts";
import type { Records } from "./records.ts";
import type { Simulation, SimulationLink } from "./simulation.ts";

type Seen = ReadonlyMap<string, SeenContainer>;

/** Undefined also for a node that has just ended: it has no interface any more. */
const attachmentOf = (seen: SeenContainer | undefined, networkId: DockerId | undefined) =>
  seen?.attachments.find((attachment) => attachment.networkId === networkId && attachment.macAddress !== "");

/** What frames that go to one node on one link meet; undefined while the node is not there. */
const portOf = (simulation: Simulation, link: SimulationLink, node: string, seen: Seen): PortState | undefined => {
  const container = seen.get(node);
  const attachment = attachmentOf(container, link.networkId);
  if (container === undefined || container.sandboxKey === "" || attachment === undefined) return undefined;
  const bySource = link.directions
    .filter(({ to, impairment }) => to === node && Object.keys(impairment).length > 0)
    .flatMap(({ from, impairment }) => {
      const source = attachmentOf(seen.get(from), link.networkId);
      // Names and not addresses: those are others in the next run, chance is not.
      const seed = `${simulation.topology.seed}|${link.name}|${from}|${node}`;
      return source === undefined ? [] : [{ sourceMac: source.macAddress, seed, impairment }];
    });
  return {
    portId: portIdOf(simulation.tenantId, simulation.id, link.name, node),
    sandboxKey: container.sandboxKey,
    macAddress: attachment.macAddress,
    isDown: link.isDown,
    bySource,
  };
};

const isPlain = ({ isDown, bySource }: PortState): boolean => !isDown && bySource.length === 0;

/** The ports of a simulation whose nodes are there. */
const portsOf = (simulation: Simulation, seen: Seen): readonly PortState[] =>
  simulation.topology.links.flatMap(({ name, nodes }) => {
    const link = simulation.links.find((candidate) => candidate.name === name);
    if (link === undefined) return [];
    return nodes.flatMap((node) => portOf(simulation, link, node, seen) ?? []);
  });

/**
 * Brings links to the state that the record has. One after the other for each simulation; what is as it should be costs
 * nothing but a look.
 */
export type ShapeLinks = (tenantId: string, id: string) => Promise<void>;

interface Deps {
  readonly engine: Engine;
  readonly links: Links;
  readonly records: Records;
}

const seenOf = async (engine: Engine, { nodes }: Simulation): Promise<Seen> => {
  const running = nodes.flatMap(({ name, containerId, state }) =>
    containerId === undefined || (state !== "running" && state !== "paused") ? [] : [{ name, containerId }],
  );
  const found = await Promise.all(
    running.map(async (node) => [node.name, await engine.inspect(node.containerId)] as const),
  );
  return new Map(found.flatMap(([name, container]) => (container === undefined ? [] : [[name, container] as const])));
};

export const makeShapeLinks = ({ engine, links, records }: Deps): ShapeLinks => {
  // What this process applied; an earlier one's traces were removed when the links were opened.
  const applied = new Map<string, Map<string, string>>();
  const turns = new Map<string, Promise<void>>();
  const shape = async (tenantId: string, id: string): Promise<void> => {
    const key = `${tenantId}|${id}`;
    const simulation = records.find(tenantId, id);
    const known = applied.get(key) ?? new Map<string, string>();
    const isShaped = simulation?.links.some(({ isDown, directions }) => isDown || directions.length > 0) ?? false;
    const seen =
      simulation === undefined || !isShaped ? new Map<string, SeenContainer>() : await seenOf(engine, simulation);
    const wanted = simulation === undefined ? [] : portsOf(simulation, seen).filter((port) => !isPlain(port));
    applied.set(key, known);
    for (const portId of [...known.keys()].filter((portId) => !wanted.some((port) => port.portId === portId))) {
      await links.release(portId);
      known.delete(portId);
    }
    const changed = wanted.filter((port) => known.get(port.portId) !== digestOf(port));
    await Promise.all(
      changed.map(async (port) => {
        await links.apply(port);
        known.set(port.portId, digestOf(port));
      }),
    );
    if (known.size === 0) applied.delete(key);
  };
  return (tenantId, id) => {
    const key = `${tenantId}|${id}`;
    const before = turns.get(key) ?? Promise.resolve();
    // An earlier turn's failure is its caller's; this one does the whole work anyway.
    const turn = before.catch(() => undefined).then(() => shape(tenantId, id));
    turns.set(key, turn);
    const forget = (): void => {
      if (turns.get(key) === turn) turns.delete(key);
    };
    turn.then(forget, forget);
    return turn;
  };
};
