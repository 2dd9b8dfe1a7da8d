import type { TokenCredential } from "@azure/identity";
import type { SecretClient, SecretClientOptions, SecretProperties } from "@azure/keyvault-secrets";
import { DomainError } from "../../kernel/errors.ts";
import type { SecretStore } from "../../secrets/secret-store.ts";

export interface KeyVaultSecretStoreOptions {
  readonly vaultUrl: string;
  readonly credential: TokenCredential;
  readonly sleep: (milliseconds: number) => Promise<void>;
  /** For a vault that is not Azure's own. */
  readonly clientOptions?: SecretClientOptions;
}

const secretName = /^[a-z0-9-]{1,127}$/;
const timeoutMilliseconds = 15_000;
/** The vault dates versions to the second; after this nobody can add one that is as old as ours. */
const settleMilliseconds = 1_100;
const conflictPauseMilliseconds = 1_000;
const attemptsMax = 20;
const versionsMax = 100;

const bounded = () => ({ abortSignal: AbortSignal.timeout(timeoutMilliseconds) });

const statusOf = (error: unknown): number | undefined => {
  const status = typeof error === "object" && error !== null && "statusCode" in error ? error.statusCode : undefined;
  return typeof status === "number" ? status : undefined;
};

/** Runs a call of the vault. Statuses in `expected` are an answer: undefined. @throws DomainError `unavailable` */
const attempt = async <T>(expected: readonly number[], call: () => Promise<T>): Promise<T | undefined> => {
  try {
    return await call();
  } catch (error) {
    const status = statusOf(error);
    if (status !== undefined && expected.includes(status)) return undefined;
    const what = status === undefined ? "did not answer" : `answered ${status}`;
    throw new DomainError("unavailable", `The key vault ${what}.`, { cause: error });
  }
};

const isOlder = (one: SecretProperties, other: SecretProperties): boolean => {
  const [a, b] = [one.createdOn?.getTime() ?? 0, other.createdOn?.getTime() ?? 0];
  return a === b ? (one.version ?? "") < (other.version ?? "") : a < b;
};

const enabledVersions = async (client: SecretClient, name: string): Promise<readonly SecretProperties[]> => {
  const versions: SecretProperties[] = [];
  await attempt([404], async () => {
    for await (const version of client.listPropertiesOfSecretVersions(name, bounded())) {
      if (version.enabled === true) versions.push(version);
      if (versions.length >= versionsMax) break;
    }
  });
  return versions;
};

/** The value everybody agrees on: the oldest enabled version's. */
const readFirst = async (client: SecretClient, name: string): Promise<string | undefined> => {
  const versions = await enabledVersions(client, name);
  if (versions.length === 0) return undefined;
  const { version = "" } = versions.reduce((oldest, other) => (isOlder(other, oldest) ? other : oldest));
  return (await attempt([404], () => client.getSecret(name, { version, ...bounded() })))?.value;
};

const openClient = async ({
  vaultUrl,
  credential,
  clientOptions,
}: KeyVaultSecretStoreOptions): Promise<SecretClient> => {
  const vault = await import("@azure/keyvault-secrets");
  return new vault.SecretClient(vaultUrl, credential, clientOptions);
};

/**
 * Secrets in an Azure Key Vault. The vault has no "create unless it exists": a second maker adds a version. So the secret is
 * its oldest enabled version, ties broken by the version's id; a maker waits until its second is over before it looks, and
 * from then on the oldest stays the oldest: all makers and readers agree. Removal disables the versions and soft-deletes
 * the secret; a name that is made again is recovered and gets a new version, while the old ones stay disabled.
 * Needs the permissions get, list, set, delete and recover. @throws RangeError for a name that is not 1 to 127 of a-z, 0-9
 * and `-`; DomainError `unavailable` when the vault does not answer
 */
export const keyVaultSecretStore = (options: KeyVaultSecretStoreOptions): SecretStore => {
  let opened: Promise<SecretClient> | undefined;
  const open = (name: string): Promise<SecretClient> => {
    if (!secretName.test(name)) throw new RangeError("A secret's name is 1 to 127 of a-z, 0-9 and -.");
    return (opened ??= openClient(options));
  };
  /** False: the name is soft-deleted, or on its way there or back. */
  const set = async (client: SecretClient, name: string, value: string): Promise<boolean> =>
    (await attempt([409], () => client.setSecret(name, value, bounded()))) !== undefined;

  return {
    read: async (name) => readFirst(await open(name), name),
    async createIfAbsent(name, value) {
      const client = await open(name);
      for (let count = 1; count <= attemptsMax; count += 1) {
        const stored = await readFirst(client, name);
        if (stored !== undefined) return stored;
        if (await set(client, name, value)) {
          await options.sleep(settleMilliseconds);
          continue;
        }
        await attempt([404, 409], () => client.beginRecoverDeletedSecret(name, bounded()));
        await options.sleep(conflictPauseMilliseconds);
      }
      throw new DomainError("unavailable", `The key vault does not release the name ${name}.`);
    },
    async remove(name) {
      const client = await open(name);
      for (const { version = "" } of await enabledVersions(client, name)) {
        await attempt([404, 409], () => client.updateSecretProperties(name, version, { enabled: false, ...bounded() }));
      }
      await attempt([404, 409], () => client.beginDeleteSecret(name, bounded()));
    },
  };
};
