import { z } from "zod";
import { PortId, SourcesSchema } from "../port-schema.ts";

const id = z.int().nonnegative();

/** What the parent asks of the relay: one JSON object a line on its standard input. */
export const RelayRequest = z.discriminatedUnion("kind", [
  /** Answered with `isPrompt`. */
  z.strictObject({ id, kind: z.literal("ping") }),
  /** Makes these the sources of a port; the frames go to the interface with this index. Answered with the tap's name. */
  z.strictObject({
    id,
    kind: z.literal("set"),
    portId: PortId,
    interfaceIndex: z.int().positive(),
    sources: SourcesSchema,
  }),
  z.strictObject({ id, kind: z.literal("remove"), portId: PortId }),
  z.strictObject({ id, kind: z.literal("counters"), portId: PortId }),
]);
export type RelayRequest = z.infer<typeof RelayRequest>;

const count = z.int().nonnegative();

/** What the relay answers, in the order of the requests: one JSON object a line on its standard output. */
export const RelayAnswer = z.strictObject({
  id,
  /** Why nothing was done. */
  error: z.string().optional(),
  /** Whether it runs before ordinary programs. */
  isPrompt: z.boolean().optional(),
  tapName: z.string().optional(),
  counters: z
    .array(
      z.strictObject({
        sourceMac: z.string(),
        frames: count,
        bytes: count,
        lost: count,
        corrupted: count,
        overflowed: count,
      }),
    )
    .optional(),
});
export type RelayAnswer = z.infer<typeof RelayAnswer>;
