import { randomUUID } from "node:crypto";
import { chmod, link, mkdir, open, readFile, unlink } from "node:fs/promises";
import { join } from "node:path";
import type { SecretStore } from "../../secrets/secret-store.ts";

const secretName = /^[a-z0-9-]{1,127}$/;

const isCode = (error: unknown, code: string): boolean =>
  error instanceof Error && "code" in error && error.code === code;

const writeDurably = async (path: string, value: string): Promise<void> => {
  const file = await open(path, "wx", 0o600);
  try {
    await file.writeFile(value, "utf8");
    await file.sync();
  } finally {
    await file.close();
  }
};

const syncDirectory = async (directory: string): Promise<void> => {
  const handle = await open(directory, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
};

/** `link` refuses a name that is taken, in one step: of many processes one wins, and nobody sees half a secret. */
const linkIfAbsent = async (from: string, to: string): Promise<void> => {
  try {
    await link(from, to);
  } catch (error) {
    if (!isCode(error, "EEXIST")) throw error;
  }
};

const readSecret = async (path: string): Promise<string | undefined> => {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (isCode(error, "ENOENT")) return undefined;
    throw error;
  }
};

/**
 * Secrets as files (0600) of one directory (0700), for machines without a vault. A secret that was returned is on the
 * disk. A crash may leave a `.new-*` file behind, which no name reaches.
 * @throws RangeError for a name that is not 1 to 127 of a-z, 0-9 and `-`
 */
export const fileSecretStore = (directory: string): SecretStore => {
  const pathOf = (name: string): string => {
    if (!secretName.test(name)) throw new RangeError("A secret's name is 1 to 127 of a-z, 0-9 and -.");
    return join(directory, name);
  };
  return {
    read: async (name) => readSecret(pathOf(name)),
    async remove(name) {
      const path = pathOf(name);
      try {
        await unlink(path);
      } catch (error) {
        if (isCode(error, "ENOENT")) return;
        throw error;
      }
      await syncDirectory(directory);
    },
    createIfAbsent: async (name, value) => {
      const path = pathOf(name);
      await mkdir(directory, { recursive: true, mode: 0o700 });
      await chmod(directory, 0o700);
      const fresh = join(directory, `.new-${randomUUID()}`);
      try {
        await writeDurably(fresh, value);
        await linkIfAbsent(fresh, path);
      } finally {
        await unlink(fresh);
      }
      // By the loser as well: the winner may have died between its link and its sync.
      await syncDirectory(directory);
      const stored = await readSecret(path);
      if (stored === undefined) throw new Error(`The secret ${name} was removed while it was made.`);
      return stored;
    },
  };
};
