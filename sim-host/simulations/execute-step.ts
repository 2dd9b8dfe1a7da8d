import { bridgeName } from "../engine/names.ts";
import type { DockerId, Engine, NetworkWish } from "../engine/ports.ts";
import { DomainError } from "../../shared/kernel/errors.ts";
import { addressesOf } from "./addresses.ts";
import type { ImageId } from "./container-wish.ts";
import { containerWish, wishDigest } from "./container-wish.ts";
import type { NodeAction, Step } from "./plan-steps.ts";
import type { SimulationStore } from "./ports.ts";
import type { Records } from "./records.ts";
import type { Simulation, SimulationLink, SimulationNode } from "./simulation.ts";
import { goalOf, ownerOf } from "./simulation-rules.ts";

export interface ExecuteDeps {
  readonly engine: Engine;
  readonly store: SimulationStore;
  readonly records: Records;
  readonly imageId: ImageId;
  /** This host's number among the holders of the lease. @throws DomainError `unavailable` when it holds it no more */
  readonly fence: () => number;
  /** @throws DomainError `walls-down` */
  readonly requireWalls: () => void;
  /** The engine will not have this subnet: it is given to nobody for a while. */
  readonly avoidSubnet: (subnet: string) => void;
}

type Key = Pick<Simulation, "tenantId" | "id">;

const updateNode = (
  { records }: ExecuteDeps,
  { tenantId, id }: Key,
  name: string,
  change: (node: SimulationNode) => SimulationNode,
): Simulation | undefined =>
  records.update(tenantId, id, (present) => ({
    ...present,
    nodes: present.nodes.map((node) => (node.name === name ? change(node) : node)),
  }));

const updateLinks = (
  { records }: ExecuteDeps,
  { tenantId, id }: Key,
  change: (link: SimulationLink) => SimulationLink,
): void => {
  records.update(tenantId, id, (present) => ({ ...present, links: present.links.map(change) }));
};

const claimSubnets = (deps: ExecuteDeps, key: Key, links: readonly string[]): void => {
  const claimed = deps.store.host.claimSubnets(key.tenantId, key.id, links);
  if (claimed === undefined) {
    throw new DomainError(
      "no-room",
      "This host has no addresses left for so many links. Stop a simulation, or use fewer links.",
    );
  }
  const { topology } = deps.records.get(key.tenantId, key.id);
  updateLinks(deps, key, (link) => {
    const subnet = claimed[link.name];
    const nodes = topology.links.find(({ name }) => name === link.name)?.nodes ?? [];
    if (subnet === undefined || subnet === link.subnet) return link;
    const { networkId: _other, ...rest } = link;
    return { ...rest, subnet, addresses: addressesOf(subnet, nodes) };
  });
};

const freeSubnet = (deps: ExecuteDeps, key: Key, name: string): void => {
  deps.store.host.freeSubnet(key.tenantId, key.id, name);
  updateLinks(deps, key, (link) => {
    const { subnet: _freed, ...rest } = link;
    return link.name === name ? { ...rest, addresses: {} } : link;
  });
};

/** Undefined: the subnet is somebody else's, such as another host's on the same engine. The next plan claims another one. */
const createUnlessTaken = async (deps: ExecuteDeps, wish: NetworkWish): Promise<DockerId | undefined> => {
  try {
    return await deps.engine.createNetwork(wish);
  } catch (error) {
    if (!(error instanceof DomainError && error.code === "conflict")) throw error;
    deps.avoidSubnet(wish.subnet);
    return undefined;
  }
};

const createNetwork = async (deps: ExecuteDeps, key: Key, name: string): Promise<void> => {
  deps.requireWalls();
  const simulation = deps.records.get(key.tenantId, key.id);
  const subnet = simulation.links.find((link) => link.name === name)?.subnet;
  if (subnet === undefined) return;
  const owner = ownerOf(simulation, name, deps.fence());
  const networkId = await createUnlessTaken(deps, { owner, bridgeName: bridgeName(owner), subnet });
  if (networkId === undefined) {
    freeSubnet(deps, key, name);
    return;
  }
  // What changed its mind meanwhile finds a network that no record names, and takes it away.
  updateLinks(deps, key, (link) => (link.name === name && link.subnet === subnet ? { ...link, networkId } : link));
};

const startNode = async (deps: ExecuteDeps, key: Key, name: string): Promise<void> => {
  deps.requireWalls();
  const before = deps.records.get(key.tenantId, key.id).nodes.find((node) => node.name === name);
  if (before?.containerId === undefined) return;
  await deps.engine.start(before.containerId);
  updateNode(deps, key, name, (node) =>
    node.containerId === before.containerId ? { ...node, state: "running", startsDone: before.startsWanted } : node,
  );
};

const makeNode = async (deps: ExecuteDeps, key: Key, name: string): Promise<void> => {
  deps.requireWalls();
  const simulation = deps.records.get(key.tenantId, key.id);
  const node = simulation.topology.nodes.find((candidate) => candidate.name === name);
  if (node === undefined) return;
  const wish = containerWish(simulation, node, { imageId: deps.imageId, generation: deps.fence() });
  if (wish === undefined) {
    throw new DomainError(
      "topology-invalid",
      `This host has no image ${node.image} any more, which ${name} is made from.`,
    );
  }
  const containerId = await deps.engine.createContainer(wish);
  const after = updateNode(deps, key, name, ({ startsWanted, wanted }) => ({
    ...{ name, wanted, containerId, madeFrom: wishDigest(wish), state: "created" as const },
    ...{ startsWanted: Math.max(1, startsWanted), startsDone: 0 },
  }));
  const made = after?.nodes.find((candidate) => candidate.name === name);
  if (after === undefined || made === undefined) return;
  if (["running", "paused"].includes(goalOf(after, made))) await startNode(deps, key, name);
};

const act = async (deps: ExecuteDeps, key: Key, step: Extract<Step, { kind: NodeAction }>): Promise<void> => {
  const { kind, subject, id } = step;
  if (kind === "start") return startNode(deps, key, subject);
  if (kind === "note-start") {
    updateNode(deps, key, subject, (node) => ({ ...node, startsDone: node.startsWanted }));
    return;
  }
  await deps.engine[kind](id);
};

/** Does one step. Safe to repeat, and safe to be killed: what it leaves behind is what the next plan finds. */
export const executeStep = async (deps: ExecuteDeps, key: Key, step: Step): Promise<void> => {
  deps.fence();
  switch (step.kind) {
    case "remove-container":
      await deps.engine.removeContainer(step.id);
      return;
    case "remove-network":
      await deps.engine.removeNetwork(step.id);
      return;
    case "free-subnet":
      freeSubnet(deps, key, step.subject);
      return;
    case "claim-subnets":
      claimSubnets(deps, key, step.links);
      return;
    case "create-network":
      await createNetwork(deps, key, step.subject);
      return;
    case "make-node":
      await makeNode(deps, key, step.subject);
      return;
    default:
      await act(deps, key, step);
  }
};
