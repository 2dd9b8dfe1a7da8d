import { DomainError } from "../../shared/kernel/errors.ts";
import { bridgeName } from "../engine/names.ts";
import type { DockerId, Engine, Owner } from "../engine/ports.ts";
import { readNetwork, writeAddress } from "./ipv4.ts";

/**
 * Whose the canaries are: a tenant that is in no store, so whoever removes orphans must know it. Its one simulation is named
 * after the host, which may share the engine with others. Parts are `canary-a` and `canary-b` (networks), `canary-a1`,
 * `canary-a2` and `canary-b1` (containers).
 */
export const canaryTenant = "kombify-canary";

const canaryLinks = ["canary-a", "canary-b"] as const;

/** Where every canary answers HTTP. */
export const canaryPort = 8080;

const command = ["httpd", "-f", "-p", String(canaryPort), "-h", "/tmp"];
const limits = { memoryMegabytes: 64, cpus: 1, pidsMax: 512 } as const;

export interface Canary {
  readonly id: DockerId;
  /** Its name on its link. */
  readonly name: string;
  readonly address: string;
}

interface CanaryLink {
  readonly bridgeName: string;
  /** The host's address on the link; on engines that keep the host off it, nobody's. */
  readonly gateway: string;
}

/** Two on one link, and one on a link of its own. */
export interface Canaries {
  readonly a1: Canary;
  readonly a2: Canary;
  readonly b1: Canary;
  readonly linkA: CanaryLink;
  readonly linkB: CanaryLink;
}

export interface CanariesDeps {
  readonly engine: Pick<
    Engine,
    "list" | "createNetwork" | "createContainer" | "start" | "inspect" | "removeContainer" | "removeNetwork"
  >;
  /** Of an allowed image with BusyBox: sh, httpd, nc, nslookup and timeout. */
  readonly imageId: string;
  /** Of the host. */
  readonly hostId: string;
  /** The lease's fencing number. */
  readonly generation: () => number;
  /** A /27 for each of the links, the same ones every time; undefined: none are left. */
  readonly claimSubnets: (links: readonly string[]) => Readonly<Record<string, string>> | undefined;
}

export interface CanaryKeeper {
  /** The canaries of the last time if all of them still run, else new ones. */
  ensure(): Promise<Canaries>;
  remove(): Promise<void>;
}

const addressIn = (subnet: string, place: number): string => {
  const network = readNetwork(subnet);
  if (network === undefined) throw new RangeError(`${subnet} is not an IPv4 network.`);
  return writeAddress(network.first + place);
};

export const makeCanaryKeeper = ({ engine, imageId, hostId, generation, claimSubnets }: CanariesDeps): CanaryKeeper => {
  let current: Canaries | undefined;
  const canaryOwner = { tenantId: canaryTenant, simulationId: hostId };
  const ownerOf = (part: string): Owner => ({ ...canaryOwner, part, generation: generation() });

  const isRunning = async ({ id, address }: Canary): Promise<boolean> => {
    const seen = await engine.inspect(id);
    return seen?.state === "running" && seen.attachments.some(({ ipAddress }) => ipAddress === address);
  };

  /** Whatever is there of them: this process's, and what one before it left. */
  const remove = async (): Promise<void> => {
    current = undefined;
    const { containers, networks } = await engine.list(canaryOwner);
    await Promise.all(containers.map(({ id }) => engine.removeContainer(id)));
    await Promise.all(networks.map(({ id }) => engine.removeNetwork(id)));
  };

  const makeLink = async (part: string, subnet: string) => {
    const owner = ownerOf(part);
    const link = { bridgeName: bridgeName(owner), gateway: addressIn(subnet, 1) };
    const networkId = await engine.createNetwork({ owner, bridgeName: link.bridgeName, subnet });
    const makeNode = async (name: string, place: number): Promise<Canary> => {
      const address = addressIn(subnet, place);
      const attachments = [{ networkId, ipAddress: address, aliases: [name] }];
      const wish = { owner: ownerOf(name), imageId, command, environment: {}, hostname: name, ...limits, attachments };
      const id = await engine.createContainer(wish);
      await engine.start(id);
      return { id, name, address };
    };
    return { link, makeNode };
  };

  const make = async (): Promise<Canaries> => {
    const subnets = claimSubnets(canaryLinks);
    const [subnetA, subnetB] = canaryLinks.map((link) => subnets?.[link]);
    if (subnetA === undefined || subnetB === undefined) {
      throw new DomainError("unavailable", "No subnets are left for the canaries of the walls.");
    }
    const [a, b] = await Promise.all([makeLink(canaryLinks[0], subnetA), makeLink(canaryLinks[1], subnetB)]);
    const [a1, a2, b1] = await Promise.all([
      a.makeNode("canary-a1", 2),
      a.makeNode("canary-a2", 3),
      b.makeNode("canary-b1", 2),
    ]);
    return { a1, a2, b1, linkA: a.link, linkB: b.link };
  };

  return {
    remove,
    async ensure() {
      if (current !== undefined) {
        const { a1, a2, b1 } = current;
        const areRunning = await Promise.all([a1, a2, b1].map(isRunning));
        if (areRunning.every(Boolean)) return current;
      }
      await remove();
      current = await make();
      return current;
    },
  };
};
