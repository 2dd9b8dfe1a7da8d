import { createHash } from "node:crypto";
import type { Owner } from "./ports.ts";

const alphabet = "abcdefghijklmnopqrstuvwxyz234567";

/** Base32 of RFC 4648 in lower case, without padding; leftover bits at the end are dropped. */
const base32 = (bytes: Uint8Array): string => {
  const bits = Array.from(bytes, (byte) => byte.toString(2).padStart(8, "0")).join("");
  return (bits.match(/.{5}/g) ?? []).map((five) => alphabet.charAt(Number.parseInt(five, 2))).join("");
};

/** Joined names would meet (`a`,`b_c` and `a_b`,`c`); hashes of parts that cannot hold the separator do not. */
const hashOf = ({ tenantId, simulationId, part }: Omit<Owner, "generation">, characters: number): string =>
  base32(createHash("sha256").update([tenantId, simulationId, part].join("|")).digest()).slice(0, characters);

/** A node's name among the engine's containers. It says nothing to anybody: labels do. */
export const containerName = (owner: Omit<Owner, "generation">): string => `sim-${hashOf(owner, 25)}`;

/** A link's bridge on the host: 14 of the 15 characters that the kernel allows. */
export const bridgeName = (owner: Omit<Owner, "generation">): string => `ks${hashOf(owner, 12)}`;
