import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** The superuser's password of each deployment under way, so that one that is cut short can go on; one 0600 file each. */
export interface SecretFiles {
  write(deploymentKey: string, password: string): void;
  read(deploymentKey: string): string | undefined;
  remove(deploymentKey: string): void;
  /** Removes what a crash left behind: every secret but those of these deployments. */
  keepOnly(deploymentKeys: readonly string[]): void;
}

const fileName = (deploymentKey: string): string => createHash("sha256").update(deploymentKey).digest("hex");

/** Secrets in `<dataDirectory>/secrets`. */
export const openSecretFiles = (dataDirectory: string): SecretFiles => {
  const directory = join(dataDirectory, "secrets");
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const pathOf = (key: string): string => join(directory, fileName(key));
  return {
    write: (key, password) => {
      writeFileSync(`${pathOf(key)}.draft`, password, { mode: 0o600, flush: true });
      renameSync(`${pathOf(key)}.draft`, pathOf(key));
    },
    read: (key) => {
      try {
        return readFileSync(pathOf(key), "utf8");
      } catch (error) {
        if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
        throw error;
      }
    },
    remove: (key) => rmSync(pathOf(key), { force: true }),
    keepOnly: (keys) => {
      const kept = new Set(keys.map(fileName));
      for (const name of readdirSync(directory)) if (!kept.has(name)) rmSync(join(directory, name), { force: true });
    },
  };
};
