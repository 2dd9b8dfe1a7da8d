import { z } from "zod";
import { Kit } from "./kit.ts";

/** `kits/<id>/<version>.json`: what the API needs of a version without opening its archive. */
export const PublishedKit = z.object({
  kit: Kit,
  /** Text of docker-compose.yaml, README.md and icon.svg as they are in the archive. */
  compose: z.string(),
  readme: z.string(),
  icon: z.string(),
  /** Every image with its digest where that is known. */
  images: z.array(z.object({ name: z.string(), tag: z.string(), digest: z.string().nullable() })),
  files: z.array(z.object({ path: z.string(), sizeBytes: z.int(), sha256: z.string() })),
});
export type PublishedKit = z.infer<typeof PublishedKit>;
