import { DomainError } from "../kernel/errors.ts";
import { imagePartsOf } from "./image-name.ts";
import type { KitFiles } from "./kit-files.ts";
import { composeFile, kitFile } from "./kit-files.ts";

/** The digest (`sha256:...`) that a registry has for a tag now. @throws DomainError `unavailable` */
export type ResolveDigest = (name: string, tag: string) => Promise<string>;

export interface PinResult {
  readonly files: KitFiles;
  readonly pinned: readonly { readonly image: string; readonly digest: string }[];
  /** Images whose digest could not be found out; they are left as they are. */
  readonly failed: readonly { readonly image: string; readonly reason: string }[];
}

const imageLine = /^(\s*(?:-\s+)?image:\s*)(["']?)([^\s"'#]+)\2(\s*(?:#.*)?)$/;

const imagesIn = (text: string): readonly string[] =>
  text.split("\n").flatMap((line) => {
    const image = imageLine.exec(line)?.[3];
    return image === undefined ? [] : [image];
  });

const withDigests = (text: string, digests: ReadonlyMap<string, string>): string =>
  text
    .split("\n")
    .map((line) => {
      const [, start = "", quote = "", image = "", end = ""] = imageLine.exec(line) ?? [];
      const digest = digests.get(image);
      return digest === undefined ? line : `${start}${quote}${image}@${digest}${quote}${end}`;
    })
    .join("\n");

/** Writes the digests of all images that have none into kit.yaml and the compose file. None is ever made up. */
export const pinImages = async (files: KitFiles, resolve: ResolveDigest): Promise<PinResult> => {
  const texts = [kitFile, composeFile].flatMap((path) => {
    const bytes = files.get(path);
    return bytes === undefined ? [] : [{ path, text: Buffer.from(bytes).toString("utf8") }];
  });
  const digests = new Map<string, string>();
  const failed: PinResult["failed"][number][] = [];
  for (const image of new Set(texts.flatMap(({ text }) => imagesIn(text)))) {
    const { name, tag, digest } = imagePartsOf(image);
    if (digest !== null || tag === null) continue;
    try {
      digests.set(image, await resolve(name, tag));
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      failed.push({ image, reason: error.message });
    }
  }
  const changed = texts.map(({ path, text }) => [path, Buffer.from(withDigests(text, digests))] as const);
  return {
    files: digests.size === 0 ? files : new Map([...files, ...changed]),
    pinned: [...digests].map(([image, digest]) => ({ image, digest })),
    failed,
  };
};
