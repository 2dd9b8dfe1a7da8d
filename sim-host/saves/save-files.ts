import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, open, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { DomainError } from "../../shared/kernel/errors.ts";
import type { SavedNode } from "./ports.ts";

/** Archives of saves, a directory for each: `<save>/<node>.tar`. Ids and names are our own and lead nowhere else. */
export interface SaveFiles {
  /** Writes what one node had into a save that is being made. @throws DomainError `no-room` */
  write(id: string, node: string, archive: Uint8Array): Promise<SavedNode>;
  /** The save is whole: after this it survives a power cut. */
  finish(id: string): Promise<void>;
  read(id: string, node: string): AsyncIterable<Uint8Array>;
  /** Whether the archive is still the one that was written. */
  isIntact(id: string, node: SavedNode): Promise<boolean>;
  /** Of a save that is being made, as well as of a whole one. */
  remove(id: string): Promise<void>;
  /** Removes what is neither kept nor being made: leftovers of a killed host, and of simulations that are gone. */
  removeAllBut(isKept: (id: string) => boolean): Promise<void>;
}

const partSuffix = ".part";

/** A rename and a new file are on the disk once their directory is. */
const syncDirectory = async (directory: string): Promise<void> => {
  const handle = await open(directory, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
};

const isCode = (error: unknown, code: string): boolean =>
  error instanceof Error && "code" in error && error.code === code;

/** Undefined for a file that is not there. */
const sha256Of = async (file: string): Promise<string | undefined> => {
  const hash = createHash("sha256");
  try {
    await pipeline(createReadStream(file), hash);
  } catch (error) {
    if (isCode(error, "ENOENT")) return undefined;
    throw error;
  }
  return hash.digest("hex");
};

const writeSynced = async (file: string, contents: Uint8Array): Promise<void> => {
  const handle = await open(file, "wx", 0o600);
  try {
    await handle.writeFile(contents);
    await handle.sync();
  } catch (error) {
    if (!isCode(error, "ENOSPC")) throw error;
    throw new DomainError("no-room", "The host has no room left for files. Try again later.", { cause: error });
  } finally {
    await handle.close();
  }
};

export const saveFiles = (directory: string): SaveFiles => {
  const whole = (id: string): string => join(directory, id);
  const part = (id: string): string => join(directory, `${id}${partSuffix}`);
  const nameOf = (node: string): string => `${node}.tar`;
  const remove = async (path: string): Promise<void> => rm(path, { recursive: true, force: true });
  return {
    async write(id, node, archive) {
      await mkdir(part(id), { recursive: true, mode: 0o700 });
      await writeSynced(join(part(id), nameOf(node)), archive);
      return { name: node, bytes: archive.length, sha256: createHash("sha256").update(archive).digest("hex") };
    },
    async finish(id) {
      await syncDirectory(part(id));
      await rename(part(id), whole(id));
      await syncDirectory(directory);
    },
    read: (id, node) => createReadStream(join(whole(id), nameOf(node))),
    isIntact: async (id, { name, sha256 }) => (await sha256Of(join(whole(id), nameOf(name)))) === sha256,
    async remove(id) {
      await remove(part(id));
      await remove(whole(id));
    },
    async removeAllBut(isKept) {
      await mkdir(directory, { recursive: true, mode: 0o700 });
      for (const name of await readdir(directory)) {
        const id = name.endsWith(partSuffix) ? name.slice(0, -partSuffix.length) : name;
        if (!isKept(id)) await remove(join(directory, name));
      }
    },
  };
};
