import { createHash } from "node:crypto";
import { base32 } from "../../shared/kernel/base32.ts";
import type { Owner } from "./ports.ts";

/** Joined names would meet (`a`,`b_c` and `a_b`,`c`); hashes of parts that cannot hold the separator do not. */
const hashOf = ({ tenantId, simulationId, part }: Omit<Owner, "generation">, characters: number): string =>
  base32(createHash("sha256").update([tenantId, simulationId, part].join("|")).digest()).slice(0, characters);

/** A node's name among the engine's containers. It says nothing to anybody: labels do. */
export const containerName = (owner: Omit<Owner, "generation">): string => `sim-${hashOf(owner, 25)}`;

/** A link's bridge on the host: 14 of the 15 characters that the kernel allows. */
export const bridgeName = (owner: Omit<Owner, "generation">): string => `ks${hashOf(owner, 12)}`;
