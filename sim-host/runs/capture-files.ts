import { createWriteStream } from "node:fs";
import { mkdir, readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { DomainError } from "../../shared/kernel/errors.ts";
import type { CaptureFiles } from "./ports.ts";

const runIdForm = /^run-[a-z2-7]{20}$/;
const nameForm = /^[a-z0-9-]{1,80}\.pcap$/;

const isMissing = (error: unknown): boolean => error instanceof Error && "code" in error && error.code === "ENOENT";

const namesIn = async (directory: string): Promise<readonly string[]> => {
  try {
    return await readdir(directory);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
};

/** Captures as `<directory>/<run>/<name>`, for this process's user only. */
export const captureFiles = (directory: string): CaptureFiles => {
  const folderOf = (runId: string): string => {
    if (runIdForm.test(runId)) return join(directory, runId);
    throw new DomainError("not-found", "There is no run with this id.");
  };
  const pathOf = (runId: string, name: string): string => {
    if (nameForm.test(name)) return join(folderOf(runId), name);
    throw new DomainError("not-found", "There is no capture with this name.");
  };
  return {
    async write(runId, name, pieces) {
      const path = pathOf(runId, name);
      await mkdir(folderOf(runId), { recursive: true, mode: 0o700 });
      const file = createWriteStream(path, { mode: 0o600 });
      await pipeline(Readable.from(pieces), file);
      return file.bytesWritten;
    },
    async read(runId, name) {
      try {
        return await readFile(pathOf(runId, name));
      } catch (error) {
        if (!isMissing(error)) throw error;
        throw new DomainError("not-found", "The capture is not there any more.", { cause: error });
      }
    },
    async sizes(runId) {
      const folder = folderOf(runId);
      const names = await namesIn(folder);
      const sizes = await Promise.all(
        names.map(async (name) => [name, (await stat(join(folder, name))).size] as const),
      );
      return Object.fromEntries(sizes);
    },
    async keepOnly(listRunIds) {
      const present = await namesIn(directory);
      // Asked for now: the record of a run is there before its files are.
      const runIds = listRunIds();
      const gone = present.filter((name) => runIdForm.test(name) && !runIds.has(name));
      await Promise.all(gone.map((name) => rm(join(directory, name), { recursive: true, force: true })));
    },
  };
};
