import { imagePartsOf } from "./image-name.ts";
import type { KitFiles } from "./kit-files.ts";
import { composeFile, iconFile, readmeFile } from "./kit-files.ts";
import type { Kit } from "./kit.ts";
import { sha256Of } from "./sign-archive.ts";

/** What a version of a kit is, as its archive says. */
export interface PublishedKit {
  readonly kit: Kit;
  /** Text of docker-compose.yaml, README.md and icon.svg as they are in the archive. */
  readonly compose: string;
  readonly readme: string;
  readonly icon: string;
  /** Every image with its digest where that is known. */
  readonly images: readonly { readonly name: string; readonly tag: string | null; readonly digest: string | null }[];
  readonly files: readonly { readonly path: string; readonly sizeBytes: number; readonly sha256: string }[];
}

export const publishedKitOf = (kit: Kit, files: KitFiles): PublishedKit => {
  const text = (file: string): string => Buffer.from(files.get(file) ?? []).toString("utf8");
  return {
    kit,
    compose: text(composeFile),
    readme: text(readmeFile),
    icon: text(iconFile),
    images: kit.services.map(({ image }) => imagePartsOf(image)),
    files: [...files]
      .toSorted(([one], [other]) => (one < other ? -1 : 1))
      .map(([path, bytes]) => ({ path, sizeBytes: bytes.length, sha256: sha256Of(bytes) })),
  };
};
