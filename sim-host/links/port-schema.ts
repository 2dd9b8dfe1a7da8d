import { z } from "zod";
import { sandboxKeyForm } from "../engine/ports.ts";

/** Lower-case, as the kernel prints it. */
export const MacAddress = z
  .string()
  .regex(/^[0-9a-fA-F]{2}(?::[0-9a-fA-F]{2}){5}$/)
  .transform((address) => address.toLowerCase());

/** What the kernel allows and our own tools take without quoting; never begins with a hyphen. */
export const InterfaceName = z.string().regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,14}$/);

/** Begins with a letter or digit, so it is never an option. */
export const PortId = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9-]{0,39}$/);

export const SandboxKey = z.string().regex(sandboxKeyForm);

const Percent = z.number().min(0).max(100);
const Milliseconds = z.number().min(0).max(60_000);

const ImpairmentSchema = z.strictObject({
  delayMilliseconds: Milliseconds.exactOptional(),
  jitterMilliseconds: Milliseconds.exactOptional(),
  lossPercent: Percent.exactOptional(),
  rateBitsPerSecond: z.number().min(1000).max(1e12).exactOptional(),
  corruptionPercent: Percent.exactOptional(),
});

/** A node hears of at most this many others on one link. */
const sourcesMax = 256;

const SourceSchema = z.strictObject({
  sourceMac: MacAddress,
  seed: z.string().max(300),
  impairment: ImpairmentSchema,
});

export const SourcesSchema = z
  .array(SourceSchema)
  .max(sourcesMax)
  .refine((sources) => new Set(sources.map(({ sourceMac }) => sourceMac)).size === sources.length, {
    message: "a source is named twice",
  });

export const PortSchema = z.strictObject({
  portId: PortId,
  sandboxKey: SandboxKey,
  macAddress: MacAddress,
  isDown: z.boolean(),
  bySource: SourcesSchema,
});
