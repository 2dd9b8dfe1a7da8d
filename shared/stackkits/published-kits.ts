import type { JWK } from "jose";
import { DomainError } from "../kernel/errors.ts";
import type { Clock } from "../kernel/clock.ts";
import { KitIndex, indexBlob, newestOf } from "./kit-index.ts";
import type { KitIndexVersion } from "./kit-index.ts";
import { kitLimits } from "./kit-files.ts";
import type { BlobRange, KitStorage } from "./ports.ts";
import { openArchive } from "./open-archive.ts";
import type { PublishedKit } from "./published-kit.ts";

type IndexedKit = KitIndex["kits"][number];

/** The index as it was read; the same object for as long as the blob is the same. */
export interface ReadIndex {
  readonly etag: string;
  readonly kits: ReadonlyMap<string, IndexedKit>;
}

/** A version that was found, with the kit it is of. */
export interface FoundVersion {
  readonly kit: IndexedKit;
  readonly version: KitIndexVersion;
}

export interface OpenedVersion extends PublishedKit {
  /** The detached JWS over the archive, for people to verify it themselves. */
  readonly signature: string;
  /** Of the archive's blob when it was verified: what has another one was not. */
  readonly etag: string;
}

/** What is published, as the API reads it. */
export interface PublishedKits {
  /** At most 5 seconds old. @throws DomainError `unavailable` */
  readonly index: () => Promise<ReadIndex>;
  /** The named version, or the one of `newestOf`. @throws DomainError `kit-not-found`, `kit-version-yanked` */
  readonly find: (id: string, version?: string) => Promise<FoundVersion>;
  /** What is in the archive, verified. @throws DomainError `unavailable`, `kit-unverified` */
  readonly open: (found: FoundVersion) => Promise<OpenedVersion>;
  /** A range of the archive, of exactly the bytes that were verified. @throws DomainError `unavailable`, `kit-unverified` */
  readonly stream: (found: FoundVersion, range: BlobRange) => Promise<ReadableStream<Uint8Array>>;
}

const freshMilliseconds = 5_000;
const indexBytesMax = 8_000_000;
const signatureBytesMax = 4_000;
/** Published versions never change, so they may be kept; this many, so that memory stays flat. */
const openedMax = 100;

const indexIn = (bytes: Uint8Array): KitIndex => {
  try {
    return KitIndex.parse(JSON.parse(new TextDecoder().decode(bytes)));
  } catch (cause) {
    throw new DomainError("unavailable", "The index of kits cannot be read at the moment.", { cause });
  }
};

const readIndex = async (storage: KitStorage, known: ReadIndex | undefined): Promise<ReadIndex> => {
  const found = await storage.read(indexBlob, indexBytesMax);
  if (found === undefined) return { etag: '"none"', kits: new Map() };
  if (found.etag === known?.etag) return known;
  const { kits } = indexIn(found.bytes);
  return { etag: found.etag, kits: new Map(kits.map((kit) => [kit.id, kit])) };
};

const makeOpen = (storage: KitStorage, keys: readonly JWK[]) => {
  const kept = new Map<string, OpenedVersion>();
  const open = async ({ kit: { id }, version: found }: FoundVersion): Promise<OpenedVersion> => {
    const { version, sha256, sizeBytes } = found;
    const [archive, signed] = await Promise.all([
      storage.read(found.archive, kitLimits.archiveBytes),
      storage.read(found.signature, signatureBytesMax),
    ]);
    if (archive === undefined || signed === undefined) {
      throw new DomainError("unavailable", "The kit is listed, but cannot be read at the moment.");
    }
    const signature = new TextDecoder().decode(signed.bytes).trim();
    const opened = await openArchive({ id, version, sha256, sizeBytes, archive: archive.bytes }, signature, keys);
    return { ...opened, signature, etag: archive.etag };
  };
  // What the index says of the version may have changed as well: that was not verified.
  const keyOf = ({ kit: { id }, version: { version, sha256, sizeBytes, archive, signature } }: FoundVersion): string =>
    JSON.stringify([id, version, sha256, sizeBytes, archive, signature]);
  const openOnce = async (found: FoundVersion): Promise<OpenedVersion> => {
    const name = keyOf(found);
    const known = kept.get(name);
    kept.delete(name);
    const opened = known ?? (await open(found));
    kept.set(name, opened);
    const [oldest] = kept.keys();
    if (kept.size > openedMax && oldest !== undefined) kept.delete(oldest);
    return opened;
  };
  return { open: openOnce, forget: (found: FoundVersion): void => void kept.delete(keyOf(found)) };
};

type Opening = ReturnType<typeof makeOpen>;

/** A blob that was replaced since it was verified is verified anew, once: an equal one may have been written over it. */
const makeStream =
  (storage: KitStorage, { open, forget }: Opening): PublishedKits["stream"] =>
  async (found, range) => {
    for (let attempt = 0; attempt < 2; attempt += 1) {
      const { etag } = await open(found);
      const blob = await storage.stream(found.version.archive, { range, etag });
      if (blob !== undefined) return blob.body;
      forget(found);
    }
    throw new DomainError("unavailable", "The archive cannot be read at the moment.");
  };

/** Those who come while the index is being read wait for that one reading. */
const makeIndex = (storage: KitStorage, clock: Clock): PublishedKits["index"] => {
  let known: { readonly index: ReadIndex; readonly readAt: number } | undefined;
  let reading: Promise<ReadIndex> | undefined;
  const read = async (): Promise<ReadIndex> => {
    const readAt = clock().getTime();
    const index = await readIndex(storage, known?.index);
    known = { index, readAt };
    return index;
  };
  return () => {
    if (known !== undefined && clock().getTime() - known.readAt < freshMilliseconds) {
      return Promise.resolve(known.index);
    }
    reading ??= read().finally(() => {
      reading = undefined;
    });
    return reading;
  };
};

interface Deps {
  readonly storage: KitStorage;
  /** Public keys whose signatures count. */
  readonly keys: readonly JWK[];
  readonly clock: Clock;
}

/** Reads the container `stackkits`. The index is kept in memory and asked for again after 5 seconds, by its ETag. */
export const makePublishedKits = ({ storage, keys, clock }: Deps): PublishedKits => {
  const index = makeIndex(storage, clock);
  const opening = makeOpen(storage, keys);
  return {
    index,
    open: opening.open,
    stream: makeStream(storage, opening),
    find: async (id, wanted) => {
      const kit = (await index()).kits.get(id);
      if (kit === undefined) throw new DomainError("kit-not-found", "There is no such kit.");
      const version =
        wanted === undefined ? newestOf(kit.versions) : kit.versions.find((each) => each.version === wanted);
      if (version === undefined) throw new DomainError("kit-not-found", "The kit has no such version.");
      if (version.yankedAt !== null) {
        throw new DomainError("kit-version-yanked", "This version was withdrawn. Take another one.", {
          facts: { yankedAt: version.yankedAt },
        });
      }
      return { kit, version };
    },
  };
};
