import { readNetwork, writeAddress } from "./ipv4.ts";

/** Bridges of simulations begin with `ks`; nothing else on the host does. */
const bridges = "ks+";

/** Our own chains, by the built-in chain that jumps to them. */
export const ownChains = { INPUT: "KOMBIFY-SIM-IN", FORWARD: "KOMBIFY-SIM-FWD" } as const;

export type Family = "ipv4" | "ipv6";

/**
 * The rules stand twice. `filter` is where people and other tools look for them and flush them; `mangle` is passed before it,
 * is nobody else's, and a drop there is final whatever `filter` has come to accept.
 */
export const tables = ["mangle", "filter"] as const;

export type Table = (typeof tables)[number];

/** What one of our chains has to hold, as `iptables -S` prints it, in order. */
export interface WantedChain {
  readonly builtIn: keyof typeof ownChains;
  readonly name: string;
  readonly rules: readonly string[];
}

/** As iptables prints it back: without host bits. @throws RangeError when it is no IPv4 network */
const asPrinted = (range: string): string => {
  const network = readNetwork(range);
  if (network === undefined) throw new RangeError(`${range} is not an IPv4 network.`);
  return `${writeAddress(network.first)}/${32 - Math.log2(network.last - network.first + 1)}`;
};

const inputRules = (family: Family, range: string): readonly string[] => [
  // Answers to what the host asked a node. The direction matters: what a node began while the walls were down ends with their return.
  ...(family === "ipv4"
    ? [
        `-i ${bridges} -m conntrack --ctstate RELATED,ESTABLISHED --ctorigdst ${asPrinted(range)} --ctdir REPLY -j RETURN`,
      ]
    : []),
  `-i ${bridges} -j DROP`,
];

const forwardRules = (family: Family, table: Table): readonly string[] => [
  // Between nodes of one link. Accepted here, so that links outlive a flush that takes Docker's own rules away.
  ...(family === "ipv4"
    ? [`-i ${bridges} -o ${bridges} -m physdev --physdev-is-bridged -j ${table === "filter" ? "ACCEPT" : "RETURN"}`]
    : []),
  `-i ${bridges} -j DROP`,
  `-o ${bridges} -j DROP`,
];

/**
 * What a node may do: speak IPv4 to nodes on its own links, and answer the host. `range`: where all links have their subnets.
 * IPv6 is nowhere on the links, so nothing of it passes. Docker's DNS at 127.0.0.11 is in the node's own namespace, untouched.
 * @throws RangeError when the range is no IPv4 network
 */
export const wantedChains = (family: Family, table: Table, range: string): readonly WantedChain[] => [
  { builtIn: "INPUT", name: ownChains.INPUT, rules: inputRules(family, range) },
  { builtIn: "FORWARD", name: ownChains.FORWARD, rules: forwardRules(family, table) },
];
