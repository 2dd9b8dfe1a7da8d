import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { fileSecretStore } from "../../shared/adapters/files/secret-store.ts";
import { keyVaultSecretStore } from "../../shared/adapters/keyvault/secret-store.ts";
import { inParallel } from "./fixtures/children.ts";
import { startKeyVault } from "./fixtures/key-vault.ts";
import { temporaryDirectory } from "./fixtures/targets.ts";
import { describeSecretStore } from "./secret-store.suite.ts";

describeSecretStore("a directory of secrets", async () => {
  const root = await temporaryDirectory();
  return { open: () => fileSecretStore(join(root, "secrets")), close: () => rm(root, { recursive: true }) };
});

type Vault = Awaited<ReturnType<typeof startKeyVault>>;

/** The unmodified client, let to talk plain HTTP to a vault that is no `*.vault.azure.net`. */
const openVault = ({ url, credential }: Vault) =>
  keyVaultSecretStore({
    vaultUrl: url,
    credential,
    clock: () => new Date(),
    sleep: (milliseconds) => sleep(milliseconds),
    clientOptions: {
      disableChallengeResourceVerification: true,
      allowInsecureConnection: true,
      retryOptions: { maxRetries: 0 },
    },
  });

describeSecretStore("a key vault", async () => {
  const vault = await startKeyVault();
  return { open: () => openVault(vault), close: vault.stop };
});

describe("secrets in a key vault", () => {
  let vault: Vault;
  beforeEach(async () => {
    vault = await startKeyVault();
  });
  afterEach(() => vault.stop());

  it("are agreed on although every maker added a version", async () => {
    const makers = Array.from({ length: 5 }, (_, index) => openVault(vault).createIfAbsent("raced", `value ${index}`));
    expect(new Set(await Promise.all(makers)).size).toBe(1);
    expect(vault.versions("raced")).toBeGreaterThan(1);
  });

  it("are soft-deleted", async () => {
    const secrets = openVault(vault);
    await secrets.createIfAbsent("one", "value");
    await secrets.remove("one");
    expect(["deleting", "deleted"]).toContain(vault.stateOf("one"));
  });

  it.each([403, 429, 500])("say so when the vault answers %d, without a value", async (status) => {
    const secrets = openVault(vault);
    await secrets.createIfAbsent("one", "value");
    vault.failWith(status);
    for (const call of [secrets.read("one"), secrets.createIfAbsent("one", "hidden"), secrets.remove("one")]) {
      await expect(call).rejects.toMatchObject({ code: "unavailable", message: `The key vault answered ${status}.` });
    }
  });
});

describe("secrets in files", () => {
  let root: string;
  let directory: string;
  beforeEach(async () => {
    root = await temporaryDirectory();
    directory = join(root, "deep", "secrets");
  });
  afterEach(() => rm(root, { recursive: true }));

  it("lets nobody else on the machine read them, and leaves nothing but them", async () => {
    await fileSecretStore(directory).createIfAbsent("one", "value");
    expect((await stat(directory)).mode & 0o777).toBe(0o700);
    expect((await stat(join(directory, "one"))).mode & 0o777).toBe(0o600);
    expect(await readdir(directory)).toStrictEqual(["one"]);
  });

  it("says so when the secret cannot be read or stored, without its value", async () => {
    const secrets = fileSecretStore(join(root, "file"));
    await fileSecretStore(root).createIfAbsent("file", "no directory");
    await expect(secrets.createIfAbsent("one", "hidden")).rejects.toThrow(/^(?!.*hidden).*file/);
    await expect(secrets.read("one")).rejects.toThrow("ENOTDIR");
  });

  it("makes racing processes agree on one value", async () => {
    const names = Array.from({ length: 30 }, (_, index) => `secret-${index}`);
    const jobs = ["p0", "p1", "p2", "p3"].map((value) => ({ directory, names, value }));
    const told = await inParallel("make-secret.ts", jobs);
    const secrets = fileSecretStore(directory);
    const stored = await Promise.all(names.map((name) => secrets.read(name)));
    expect(told).toStrictEqual(jobs.map(() => stored));
    for (const [index, name] of names.entries()) expect(stored[index]).toMatch(new RegExp(`^p[0-3] of ${name}$`));
    expect((await readdir(directory)).sort()).toStrictEqual(names.toSorted());
  });
});
