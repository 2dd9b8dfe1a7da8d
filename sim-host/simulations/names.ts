import { createHash } from "node:crypto";

const alphabet = "abcdefghijklmnopqrstuvwxyz234567";
const idLength = 20;

/** Base 32 of RFC 4648 in lower case, without padding; cut to so many characters. */
const base32 = (bytes: Uint8Array, length: number): string => {
  let text = "";
  let bits = 0;
  let value = 0;
  for (const byte of bytes) {
    value = (value << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += alphabet[(value >>> bits) & 31] ?? "";
    }
    value &= (1 << bits) - 1;
  }
  return text.slice(0, length);
};

/** Joined by a character that none of the parts can have: names that collide when joined stay apart. */
const hashOf = (...parts: readonly string[]): Uint8Array => createHash("sha256").update(parts.join("|")).digest();

/** `sim-` and 20 characters; `bytes` are random ones, 13 at least. */
export const simulationId = (bytes: Uint8Array): string => `sim-${base32(bytes, idLength)}`;
/** `op-`, `run-` ... and 20 characters. */
export const recordId = (prefix: string, bytes: Uint8Array): string => `${prefix}-${base32(bytes, idLength)}`;

/** What the bridge of a link is called on the host: 14 characters, of which the first two tell that it is ours. */
export const bridgeNameOf = (tenantId: string, id: string, link: string): string =>
  `ks${base32(hashOf(tenantId, id, link), 12)}`;

/** What the port of a node on a link is called among the links' parts. */
export const portIdOf = (tenantId: string, id: string, link: string, node: string): string =>
  base32(hashOf(tenantId, id, link, node), 24);

/** The same for the same wish: tells whether what is there was made from what is wanted now. */
export const digestOf = (wish: unknown): string =>
  createHash("sha256").update(JSON.stringify(wish)).digest("base64url");
