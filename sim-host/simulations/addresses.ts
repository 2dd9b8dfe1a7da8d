/** Addresses of a /27: the first is the network, the second the engine's gateway, the last the broadcast. */
const firstHost = 2;

/** The address of the nth node (from 0) on a link with this subnet, as in `10.111.3.32/27`. */
const addressOf = (subnet: string, index: number): string => {
  const [network = ""] = subnet.split("/");
  const bytes = network.split(".").map(Number);
  const last = (bytes[3] ?? 0) + firstHost + index;
  return [...bytes.slice(0, 3), last].join(".");
};

/** Node by address on a link. */
export const addressesOf = (subnet: string, nodes: readonly string[]): Readonly<Record<string, string>> =>
  Object.fromEntries(nodes.map((node, index) => [node, addressOf(subnet, index)]));
