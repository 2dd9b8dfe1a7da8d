import type { Ipv4Network } from "./ipv4.ts";
import { readNetwork, writeAddress } from "./ipv4.ts";

const subnetBits = 27;
const subnetSize = 2 ** (32 - subnetBits);

/** @throws RangeError when it is no IPv4 network */
const requireNetwork = (text: string): Ipv4Network => {
  const network = readNetwork(text);
  if (network === undefined) throw new RangeError(`${text} is not an IPv4 network.`);
  return network;
};

/**
 * The `count` lowest /27 networks of `range` that touch nothing of `taken` (ours) and `foreign` (the host's routes, networks
 * of others; of any size). All or none: undefined when the range has not that many left.
 * @throws RangeError when one of the texts is no IPv4 network
 */
export const nextSubnets = (
  range: string,
  taken: ReadonlySet<string>,
  foreign: readonly string[],
  count: number,
): readonly string[] | undefined => {
  const { first, last } = requireNetwork(range);
  const used = [...taken, ...foreign].map(requireNetwork).toSorted((one, other) => one.first - other.first);
  const found: string[] = [];
  let next = 0;
  /** The last address of all networks that begin at or before the candidate's end. */
  let usedUntil = -1;
  for (let start = first; found.length < count && start + subnetSize - 1 <= last; start += subnetSize) {
    for (let network = used[next]; network !== undefined && network.first < start + subnetSize; network = used[next]) {
      usedUntil = Math.max(usedUntil, network.last);
      next += 1;
    }
    if (usedUntil < start) found.push(`${writeAddress(start)}/${subnetBits}`);
  }
  return found.length === count ? found : undefined;
};
