import { compare } from "semver";
import { DomainError } from "../kernel/errors.ts";
import type { KitIndexVersion } from "./kit-index.ts";
import { blobsOf, indexBlob, KitIndex } from "./kit-index.ts";
import type { PackedKit } from "./pack-kit.ts";
import type { KitStorage } from "./ports.ts";
import type { Signed } from "./sign-archive.ts";
import { sha256Of } from "./sign-archive.ts";

export interface KitPublisherDeps {
  readonly storage: KitStorage;
  readonly sign: (signed: Signed) => Promise<string>;
  readonly now: () => Date;
}

const indexBytesMax = 20_000_000;
const archiveBytesMax = 10_000_000;
/** Every failed try means that another publisher got through. */
const triesMax = 50;

const readIndex = async (storage: KitStorage): Promise<{ index: KitIndex; etag: string | null }> => {
  const found = await storage.read(indexBlob, indexBytesMax);
  if (found === undefined) return { index: { revision: 0, kits: [] }, etag: null };
  return { index: KitIndex.parse(JSON.parse(Buffer.from(found.bytes).toString("utf8"))), etag: found.etag };
};

/** `change` answers undefined when there is nothing to do. */
const changeIndex = async (storage: KitStorage, change: (index: KitIndex) => KitIndex["kits"] | undefined) => {
  for (let count = 0; count < triesMax; count += 1) {
    const { index, etag } = await readIndex(storage);
    const kits = change(index);
    if (kits === undefined) return false;
    const next: KitIndex = { revision: index.revision + 1, kits };
    if ((await storage.replaceIndex(Buffer.from(JSON.stringify(next)), etag)) !== undefined) return true;
  }
  throw new DomainError("conflict", "The index of kits is being changed too often. Try again.");
};

const withVersion = (
  index: KitIndex,
  { manifest }: PackedKit,
  added: KitIndexVersion,
): KitIndex["kits"] | undefined => {
  const { id } = manifest.kit;
  const before = index.kits.find((kit) => kit.id === id);
  if (before?.versions.some(({ version }) => version === added.version) === true) return undefined;
  const versions = [...(before?.versions ?? []), added].toSorted((one, other) => compare(other.version, one.version));
  const isNewest = before === undefined || versions[0] === added;
  const { name, summary, minPlan, categories } = isNewest ? manifest.kit : before;
  const kit = { id, name, summary, minPlan, categories, versions };
  return [...index.kits.filter((other) => other.id !== id), kit].toSorted((one, other) => (one.id < other.id ? -1 : 1));
};

/** Creates a blob, or finds the same bytes there. @throws DomainError conflict when they are others */
const createSame = async (storage: KitStorage, name: string, bytes: Uint8Array, contentType: string): Promise<void> => {
  if ((await storage.create(name, bytes, contentType)) === "created") return;
  const there = await storage.read(name, archiveBytesMax);
  if (there !== undefined && sha256Of(there.bytes) === sha256Of(bytes)) return;
  throw new DomainError("conflict", `${name} is published with other contents. Raise the version.`);
};

/**
 * Publishes and withdraws versions. Blobs come first and never change, the index comes last: killed at any step it can be
 * run again, and what is not in the index does not exist for anybody.
 */
export const makeKitPublisher = ({ storage, sign, now }: KitPublisherDeps) => ({
  /** @throws DomainError conflict (the version is published with other contents), unavailable */
  publish: async (packed: PackedKit): Promise<"published" | "unchanged"> => {
    const { id, version } = packed.manifest.kit;
    const blobs = blobsOf(id, version);
    await createSame(storage, blobs.archive, packed.archive, "application/gzip");
    // Signatures of the same bytes differ each time: the first one stays.
    const signature = await sign({ id, version, archive: packed.archive });
    await storage.create(blobs.signature, Buffer.from(signature), "application/jose");
    const { sha256, archive } = packed;
    const publishedAt = now().toISOString();
    const { name, summary, minPlan, categories } = packed.manifest.kit;
    const listing = { name, summary, minPlan, categories };
    const added = { version, publishedAt, yankedAt: null, sizeBytes: archive.length, sha256, ...blobs, listing };
    return (await changeIndex(storage, (index) => withVersion(index, packed, added))) ? "published" : "unchanged";
  },
  /** Withdraws a version: it stays for who has it. @throws DomainError not-found, conflict, unavailable */
  yank: async (id: string, version: string): Promise<"yanked" | "unchanged"> => {
    const yankedAt = now().toISOString();
    const isChanged = await changeIndex(storage, ({ kits }) => {
      const found = kits.find((kit) => kit.id === id)?.versions.find((there) => there.version === version);
      if (found === undefined) throw new DomainError("not-found", `There is no kit ${id} ${version}.`);
      if (found.yankedAt !== null) return undefined;
      return kits.map((kit) =>
        kit.id === id
          ? { ...kit, versions: kit.versions.map((there) => (there === found ? { ...there, yankedAt } : there)) }
          : kit,
      );
    });
    return isChanged ? "yanked" : "unchanged";
  },
});
