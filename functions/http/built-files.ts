import { readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import type { HttpRequest } from "@azure/functions";
import { z } from "zod";

const Manifest = z.record(z.string(), z.object({ etag: z.string() }));

export interface BuiltFile {
  readonly contents: Uint8Array;
  readonly contentType: string;
  readonly etag: string;
}

/** Gives a built file by its path, or undefined for everything that the build did not list. */
export type ReadBuiltFile = (path: string) => Promise<BuiltFile | undefined>;

const contentTypes: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
};

/**
 * Files of a page as `scripts/build-web.ts` wrote them, read when first asked for and then kept. A path is only
 * compared with the list and never joined to a directory before, so no path leads outside.
 */
export const makeReadBuiltFile = (directory: string): ReadBuiltFile => {
  let manifest: Promise<ReadonlyMap<string, { readonly etag: string }>> | undefined;
  const files = new Map<string, BuiltFile>();
  const readManifest = async (): Promise<ReadonlyMap<string, { readonly etag: string }>> => {
    const text = await readFile(join(directory, "files.json"), "utf8");
    return new Map(Object.entries(Manifest.parse(JSON.parse(text))));
  };
  const forgetFailure = (): void => {
    manifest = undefined;
  };
  return async (path) => {
    manifest ??= readManifest();
    manifest.catch(forgetFailure);
    const listed = (await manifest).get(path);
    const contentType = contentTypes[extname(path)];
    if (listed === undefined || contentType === undefined) return undefined;
    const known = files.get(path);
    if (known !== undefined) return known;
    const file = { contents: await readFile(join(directory, path)), contentType, etag: listed.etag };
    files.set(path, file);
    return file;
  };
};

/** Whether the caller holds this very version already (RFC 9110 section 13.1.2). */
export const isKnownToCaller = (request: HttpRequest, etag: string): boolean =>
  (request.headers.get("if-none-match") ?? "")
    .split(",")
    .map((candidate) => candidate.trim().replace(/^W\//, ""))
    .some((candidate) => candidate === etag.replace(/^W\//, "") || candidate === "*");

const dayCount = 365;
/** Names of assets carry a hash of their contents. */
export const assetCacheControl = `public, max-age=${dayCount * 24 * 60 * 60}, immutable`;
