/** An IPv4 network as the numbers of its first and its last address. */
export interface Ipv4Network {
  readonly first: number;
  readonly last: number;
}

const addressSize = 32;

const readAddress = (text: string): number | undefined => {
  const parts = text.split(".");
  const isAddress = parts.length === 4 && parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) <= 255);
  return isAddress ? parts.reduce((number, part) => number * 256 + Number(part), 0) : undefined;
};

/** Reads `10.111.0.0/16`, or an address as the network of itself; host bits are cut off. Undefined: it is no IPv4 network. */
export const readNetwork = (text: string): Ipv4Network | undefined => {
  const [, addressText = "", bitsText = String(addressSize)] = /^([\d.]+)(?:\/(\d{1,2}))?$/.exec(text) ?? [];
  const address = readAddress(addressText);
  const bits = Number(bitsText);
  if (address === undefined || bits > addressSize) return undefined;
  const size = 2 ** (addressSize - bits);
  const first = address - (address % size);
  return { first, last: first + size - 1 };
};

/** The dotted form of an address's number. */
export const writeAddress = (number: number): string =>
  [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join(".");
