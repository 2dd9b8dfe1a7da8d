import type { ContainerWish, DockerId } from "../engine/ports.ts";
import type { TopologyNode } from "../topology/topology.ts";
import { digestOf } from "./names.ts";
import type { Simulation } from "./simulation.ts";
import { ownerOf } from "./simulation-rules.ts";

/** The id of an allowed image, or undefined. */
export type ImageId = (name: string) => string | undefined;

type Attachments = readonly {
  readonly networkId: DockerId;
  readonly ipAddress: string;
  readonly aliases: readonly string[];
}[];

/** Undefined while a link of the node has no network yet. */
const attachmentsOf = (simulation: Simulation, node: string): Attachments | undefined => {
  const attachments: Attachments[number][] = [];
  for (const { name, nodes } of simulation.topology.links) {
    if (!nodes.includes(node)) continue;
    const link = simulation.links.find((candidate) => candidate.name === name);
    const ipAddress = link?.addresses[node];
    if (link?.networkId === undefined || ipAddress === undefined) return undefined;
    attachments.push({ networkId: link.networkId, ipAddress, aliases: [node] });
  }
  return attachments;
};

/** What a node's container is made from. Undefined: its networks are not there, or the host has no such image any more. */
export const containerWish = (
  simulation: Simulation,
  node: TopologyNode,
  { imageId, generation }: { readonly imageId: ImageId; readonly generation: number },
): ContainerWish | undefined => {
  const attachments = attachmentsOf(simulation, node.name);
  const image = imageId(node.image);
  if (attachments === undefined || image === undefined) return undefined;
  return {
    owner: ownerOf(simulation, node.name, generation),
    imageId: image,
    ...(node.command === undefined ? {} : { command: node.command }),
    environment: node.environment,
    hostname: node.name,
    ...node.limits,
    ...(node.healthcheck === undefined ? {} : { healthcheck: node.healthcheck }),
    attachments,
  };
};

/** Of everything but who made it: a new holder of the lease keeps what is there. */
export const wishDigest = ({ owner: _owner, ...wish }: ContainerWish): string => digestOf(wish);
