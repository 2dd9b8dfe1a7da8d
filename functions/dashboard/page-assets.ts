import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";

const PageAssets = z.object({ script: z.string(), style: z.string(), icon: z.string() });

/** Addresses of what the page loads, with the hash of their contents in the name. */
export type PageAssets = z.infer<typeof PageAssets>;

/** Reads the names once, as `scripts/build-web.ts` wrote them to `page.json`. */
export const makeReadPageAssets = (directory: string): (() => Promise<PageAssets>) => {
  let known: Promise<PageAssets> | undefined;
  const read = async (): Promise<PageAssets> =>
    PageAssets.parse(JSON.parse(await readFile(join(directory, "page.json"), "utf8")));
  return () => {
    known ??= read().catch((error: unknown) => {
      known = undefined;
      throw error;
    });
    return known;
  };
};
