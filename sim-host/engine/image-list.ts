import { z } from "zod";

const Name = z.string().regex(/^[a-z]([a-z0-9-]{0,30}[a-z0-9])?$/);

/** An image that nodes may be made from. */
export const AllowedImage = z.strictObject({
  /** What topologies call it. */
  name: Name,
  /** Where it came from, for operators: `registry/repository:tag@sha256:...`. Nodes are never made from it. */
  reference: z.string().min(1).max(512),
  /** The engine's id of the image: what nodes are made from. */
  imageId: z.string().regex(/^sha256:[0-9a-f]{64}$/),
  /** One sentence for people who choose. */
  summary: z.string().min(1).max(200),
});
export type AllowedImage = z.infer<typeof AllowedImage>;

/** The file of images that a host allows. The only source of images: tenants name one of these, never a registry or a tag. */
export const ImageList = z
  .array(AllowedImage)
  .refine((images) => new Set(images.map(({ name }) => name)).size === images.length, "Two images bear the same name.");
export type ImageList = z.infer<typeof ImageList>;

/** The allowed images that the engine does not have: to be brought in by an operator before the host takes simulations. */
export const missingImages = (list: ImageList, imageIds: ReadonlySet<string>): readonly AllowedImage[] =>
  list.filter(({ imageId }) => !imageIds.has(imageId));
