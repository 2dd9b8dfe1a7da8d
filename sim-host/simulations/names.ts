import { createHash } from "node:crypto";
import { base32 } from "../../shared/kernel/base32.ts";

const idLength = 20;
const portIdLength = 24;

/** `sim-`, `op-`, `run-` ... and 20 characters of a-z and 2-7; `bytes` are random ones, 13 at least. */
export const recordId = (prefix: string, bytes: Uint8Array): string => `${prefix}-${base32(bytes).slice(0, idLength)}`;

/** What the port of a node on a link is called among the links' parts. Parts cannot hold the separator. */
export const portIdOf = (tenantId: string, id: string, link: string, node: string): string =>
  base32(createHash("sha256").update([tenantId, id, link, node].join("|")).digest()).slice(0, portIdLength);

/** The same for the same wish: tells whether what is there was made from what is wanted now. */
export const digestOf = (wish: unknown): string =>
  createHash("sha256").update(JSON.stringify(wish)).digest("base64url");
