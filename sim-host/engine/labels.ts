import { z } from "zod";
import type { Owner } from "./ports.ts";

const managed = "kombify.sim.managed";
const tenant = "kombify.sim.tenant";
const simulation = "kombify.sim.id";
const part = "kombify.sim.part";
const generation = "kombify.sim.generation";

const Labels = z.object({
  [managed]: z.literal("1"),
  [tenant]: z.string().min(1),
  [simulation]: z.string().min(1),
  [part]: z.string().min(1),
  [generation]: z.string().regex(/^\d{1,15}$/),
});

/** What is written on everything that the host makes in the engine. */
export const labelsOf = (owner: Owner): Readonly<Record<string, string>> => ({
  [managed]: "1",
  [tenant]: owner.tenantId,
  [simulation]: owner.simulationId,
  [part]: owner.part,
  [generation]: String(owner.generation),
});

/** Undefined: not one of ours, or not written by us. */
export const ownerOf = (labels: unknown): Owner | undefined => {
  const found = Labels.safeParse(labels);
  if (!found.success) return undefined;
  return {
    tenantId: found.data[tenant],
    simulationId: found.data[simulation],
    part: found.data[part],
    generation: Number(found.data[generation]),
  };
};

/** Filters of the engine are exact for `key=value`, and all of them must hold. Names would be matched in part. */
export const labelFilter = (only: Partial<Omit<Owner, "generation">> = {}): string[] => [
  `${managed}=1`,
  ...(only.tenantId === undefined ? [] : [`${tenant}=${only.tenantId}`]),
  ...(only.simulationId === undefined ? [] : [`${simulation}=${only.simulationId}`]),
  ...(only.part === undefined ? [] : [`${part}=${only.part}`]),
];
