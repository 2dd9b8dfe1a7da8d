import { createPrivateKey, createPublicKey, generateKeyPairSync } from "node:crypto";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { JWK } from "jose";
import { exportJWK } from "jose";
import { blobKitStorage } from "../../shared/adapters/blob/kit-storage.ts";
import { DomainError } from "../../shared/kernel/errors.ts";
import type { KitFiles } from "../../shared/stackkits/kit-files.ts";
import type { Finding } from "../../shared/stackkits/finding.ts";
import { packKit } from "../../shared/stackkits/pack-kit.ts";
import { makeKitPublisher } from "../../shared/stackkits/publish-kit.ts";
import { readKitFolder } from "../../shared/stackkits/read-folder.ts";
import { signArchive } from "../../shared/stackkits/sign-archive.ts";

interface KitToPublish {
  readonly id: string;
  readonly files: KitFiles;
}

export interface ShippedKitsOptions {
  readonly connectionString: string;
  /** The folder `kits` of the repository. */
  readonly kitsDirectory: string;
  /** Further ones, which are not the same on every machine. */
  readonly more: readonly KitToPublish[];
  /** Made once, readable by its owner only. */
  readonly keyFile: string;
}

const keyId = "local";

const makeKey = async (keyFile: string): Promise<void> => {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const pem = privateKey.export({ type: "pkcs8", format: "pem" });
  await writeFile(keyFile, pem, { mode: 0o600, flag: "wx" }).catch((error: unknown) => {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  });
};

const brokenKit = (id: string, findings: readonly Finding[]): Error =>
  new Error(`The kit ${id} has errors: ${findings[0]?.reason ?? ""}`);

const readShippedKits = async (kitsDirectory: string): Promise<readonly KitToPublish[]> => {
  const ids = (await readdir(kitsDirectory)).toSorted();
  return Promise.all(
    ids.map(async (id) => {
      const { files, findings } = await readKitFolder(join(kitsDirectory, id));
      if (findings.length > 0) throw brokenKit(id, findings);
      return { id, files };
    }),
  );
};

/** Publishes every shipped kit; what is published already stays. Answers the public key. @throws Error naming a broken kit */
export const publishShippedKits = async (options: ShippedKitsOptions): Promise<{ readonly publicKey: JWK }> => {
  await makeKey(options.keyFile);
  const privateKey = createPrivateKey(await readFile(options.keyFile, "utf8"));
  const key = await exportJWK(privateKey);
  const { connectionString } = options;
  const storage = blobKitStorage({ account: { connectionString }, container: "stackkits", isContainerMade: true });
  const publisher = makeKitPublisher({
    storage,
    sign: (signed) => signArchive(signed, key, keyId),
    now: () => new Date(),
  });
  for (const { id, files } of [...(await readShippedKits(options.kitsDirectory)), ...options.more]) {
    const result = packKit(files, id);
    if (!("packed" in result)) throw brokenKit(id, result.findings);
    await publisher.publish(result.packed).catch((cause: unknown) => {
      if (!(cause instanceof DomainError && cause.code === "conflict")) throw cause;
      const { version } = result.packed.manifest.kit;
      const what = `The kit ${id} ${version} was published here before with other contents.`;
      throw new Error(`${what} Raise the version in kits/${id}/kit.yaml, or start with other data (--data).`, {
        cause,
      });
    });
  }
  const publicPem = createPublicKey(privateKey).export({ type: "spki", format: "pem" });
  return { publicKey: { ...(await exportJWK(createPublicKey(publicPem))), kid: keyId } };
};
