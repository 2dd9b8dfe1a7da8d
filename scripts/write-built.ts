import { randomUUID } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";

/** Ending of a file that is still being written. */
export const unfinished = ".unfinished";

const isThere = async (file: string, contents: Uint8Array): Promise<boolean> => {
  try {
    return (await readFile(file)).equals(contents);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return false;
    throw error;
  }
};

/**
 * Writes a built file, all of it or nothing, and only if it is another than before: a platform that was started from the
 * same checkout a moment ago is reading these files.
 */
export const writeBuilt = async (file: string, contents: Uint8Array): Promise<void> => {
  if (await isThere(file, contents)) return;
  await mkdir(dirname(file), { recursive: true });
  const draft = `${file}.${randomUUID()}${unfinished}`;
  await writeFile(draft, contents);
  await rename(draft, file);
};
