import { isIPv6 } from "node:net";
import type { Canaries } from "./canaries.ts";
import { canaryPort } from "./canaries.ts";
import type { HostAddress } from "./ports.ts";
import type { Attempt, PlannedProbe } from "./probe-script.ts";

export interface ProbeWorld {
  readonly canaries: Canaries;
  /** Where the host listens, besides the canaries' gateways. */
  readonly hostAddresses: readonly HostAddress[];
  readonly tcpPort: number;
  readonly udpPort: number;
  /** Counts the rounds, so that many addresses are tried in turn. */
  readonly round: number;
  /** A name that the host's own resolver knows. */
  readonly externalName: string;
}

/** Cloud metadata, Azure's wire server, and a private network that a host may stand in. */
const outside: readonly (readonly [string, number])[] = [
  ["169.254.169.254", 80],
  ["168.63.129.16", 80],
  ["10.0.0.1", 80],
];

const dockerPorts = [2375, 2376];

/** Of one round: probes run side by side in one node, which may have only so many processes. */
const ownAddressesMax = 8;
const bridgeAddressesMax = 4;
/** Of a canary's only interface. */
const interfaceName = "eth0";

/** Bridges of simulations are called so, and nothing else on the host. */
const isOfSimulations = (address: HostAddress): boolean => address.interfaceName.startsWith("ks");
const isLinkLocal = (address: string): boolean => /^fe[89ab]/i.test(address);

/** All of them, or as many as there is room for, others each round. */
const inTurn = <T>(list: readonly T[], countMax: number, round: number): readonly T[] => {
  const start = list.length <= countMax ? 0 : (round * countMax) % list.length;
  return [...list.slice(start), ...list.slice(0, start)].slice(0, countMax);
};

const blocked = (name: string, attempt: Attempt): PlannedProbe => ({ name, expected: "blocked", attempt });
const reached = (name: string, attempt: Attempt): PlannedProbe => ({ name, expected: "reached", attempt });

const hostProbes = ({ canaries, hostAddresses, tcpPort, udpPort, round }: ProbeWorld): readonly PlannedProbe[] => {
  const { linkA, linkB } = canaries;
  // Link-local addresses are met on their own link only: on other bridges there is no canary to try them.
  const isMet = ({ address, interfaceName: name }: HostAddress): boolean =>
    !isLinkLocal(address) || name === linkA.bridgeName;
  const others = hostAddresses.filter((each) => isMet(each) && ![linkA.gateway, linkB.gateway].includes(each.address));
  const addresses = [
    ...inTurn(
      others.filter((each) => !isOfSimulations(each)),
      ownAddressesMax,
      round,
    ),
    ...inTurn(others.filter(isOfSimulations), bridgeAddressesMax, round),
  ];
  const targets: readonly (readonly [string, string])[] = [
    ["own gateway", linkA.gateway],
    ["other gateway", linkB.gateway],
    ...addresses.map(({ address }) => [`host ${address}`, address] as const),
  ];
  return targets.flatMap(([name, bare]) => {
    const address = isIPv6(bare) && isLinkLocal(bare) ? `${bare}%${interfaceName}` : bare;
    return [
      blocked(`${name} tcp`, { kind: "tcp", address, port: tcpPort }),
      blocked(`${name} udp`, { kind: "udp", address, port: udpPort }),
    ];
  });
};

/** All that canary A1 tries in one round. Without the first two, a canary that reaches nobody at all would look well kept. */
export const planProbes = (world: ProbeWorld): readonly PlannedProbe[] => {
  const { a2, b1, linkA } = world.canaries;
  return [
    reached("neighbour tcp", { kind: "tcp", address: a2.address, port: canaryPort }),
    reached("neighbour name", { kind: "name", name: a2.name, address: a2.address }),
    blocked("other tenant tcp", { kind: "tcp", address: b1.address, port: canaryPort }),
    blocked("other tenant name", { kind: "name", name: b1.name }),
    ...hostProbes(world),
    ...dockerPorts.map((port) => blocked(`docker ${port}`, { kind: "tcp", address: linkA.gateway, port })),
    ...outside.map(([address, port]) => blocked(`outside ${address}`, { kind: "tcp", address, port })),
    blocked("external name", { kind: "name", name: world.externalName }),
  ];
};
