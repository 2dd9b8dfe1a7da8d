import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Secrets by a key of their owner, so that work that is cut short can go on; one 0600 file each, named by a hash. */
export interface SecretFiles {
  write(key: string, secret: string): void;
  read(key: string): string | undefined;
  remove(key: string): void;
  /** Removes what a crash left behind: every secret but those of these keys. */
  keepOnly(keys: readonly string[]): void;
}

/** Where the secrets of a deployment under way are: the superuser's password, and the report key if it brought one. */
export const deploymentSecretKeys = (
  deploymentKey: string,
): { readonly superuserPassword: string; readonly reportKey: string } => ({
  superuserPassword: deploymentKey,
  reportKey: `${deploymentKey}#report-key`,
});

/** Where the report key of an instance is, for as long as the instance is: every start of its server needs it again. */
export const instanceReportKey = (instanceName: string): string => `instance/${instanceName}#report-key`;

const fileName = (key: string): string => createHash("sha256").update(key).digest("hex");

/** Secrets in `<dataDirectory>/secrets`. */
export const openSecretFiles = (dataDirectory: string): SecretFiles => {
  const directory = join(dataDirectory, "secrets");
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const pathOf = (key: string): string => join(directory, fileName(key));
  return {
    write: (key, secret) => {
      writeFileSync(`${pathOf(key)}.draft`, secret, { mode: 0o600, flush: true });
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
