import { createHash } from "node:crypto";
import { z } from "zod";
import type { Clock } from "../kernel/clock.ts";
import type { ContainerDefinition, DocumentContainer, DocumentStore, Stored } from "./document-store.ts";
import { DocumentChanged, DocumentConflict } from "./document-store.ts";

const UniqueName = z.object({
  id: z.string(),
  owner: z.string(),
  state: z.enum(["reserved", "held", "consumed"]),
  /** ISO 8601 UTC; empty while held for good. */
  expiresAt: z.string(),
});
type UniqueName = z.infer<typeof UniqueName>;

const uniquesContainer: ContainerDefinition = { name: "uniques", partitionKey: "id", indexes: ["expiresAt"] };

/** Names that exist once in the whole platform (slugs) and things that may happen once (launch tokens). */
export interface UniqueNames {
  /** Takes the name until then, or for an owner that has it already keeps it. False: somebody else has it. */
  reserve(name: string, owner: string, untilIso: string): Promise<boolean>;
  /** Makes a reservation permanent. False: it is no longer this owner's. */
  hold(name: string, owner: string): Promise<boolean>;
  /** Gives the name up if it is this owner's. */
  release(name: string, owner: string): Promise<void>;
  ownerOf(name: string): Promise<string | undefined>;
  /** True for the first caller ever, false for all others. Remembered until then at least. */
  consume(name: string, untilIso: string): Promise<boolean>;
  /** Removes what has expired, at most `limit` entries; returns how many. */
  sweep(limit: number): Promise<number>;
}

/** Ids are prefixed digests: a name may hold characters and lengths a document id may not. */
const idOf = (name: string): string => {
  const kind = name.slice(0, name.indexOf(":"));
  return `${kind}:${createHash("sha256").update(name).digest("base64url")}`;
};

const isLapsed = (entry: UniqueName, now: Date): boolean =>
  entry.state !== "held" && entry.expiresAt <= now.toISOString();

/** A lost race means that somebody else decided: not ours, not an error. */
const unlessChanged = async (write: Promise<unknown>): Promise<boolean> => {
  try {
    await write;
    return true;
  } catch (error) {
    if (error instanceof DocumentChanged || error instanceof DocumentConflict) return false;
    throw error;
  }
};

const reserveIn = async (entries: DocumentContainer<UniqueName>, wanted: UniqueName, now: Date): Promise<boolean> => {
  if (await unlessChanged(entries.create(wanted))) return true;
  const found = await entries.read(wanted.id, wanted.id);
  if (found === undefined) return unlessChanged(entries.create(wanted));
  if (found.value.owner === wanted.owner) return true;
  return isLapsed(found.value, now) && unlessChanged(entries.replace(wanted, found.etag));
};

export const openUniqueNames = (store: DocumentStore, clock: Clock): UniqueNames => {
  const entries = store.container(uniquesContainer, (raw) => UniqueName.parse(raw));
  const ifOwned = async (name: string, owner: string): Promise<Stored<UniqueName> | undefined> => {
    const found = await entries.read(idOf(name), idOf(name));
    return found?.value.owner === owner ? found : undefined;
  };
  return {
    reserve: (name, owner, untilIso) =>
      reserveIn(entries, { id: idOf(name), owner, state: "reserved", expiresAt: untilIso }, clock()),
    async hold(name, owner) {
      const found = await ifOwned(name, owner);
      if (found === undefined) return false;
      if (found.value.state === "held") return true;
      return unlessChanged(entries.replace({ ...found.value, state: "held", expiresAt: "" }, found.etag));
    },
    async release(name, owner) {
      const found = await ifOwned(name, owner);
      if (found !== undefined) await unlessChanged(entries.delete(found.value.id, found.value.id, found.etag));
    },
    ownerOf: async (name) => {
      const found = await entries.read(idOf(name), idOf(name));
      return found === undefined || isLapsed(found.value, clock()) ? undefined : found.value.owner;
    },
    consume: (name, untilIso) =>
      unlessChanged(entries.create({ id: idOf(name), owner: "-", state: "consumed", expiresAt: untilIso })),
    async sweep(limit) {
      const range = { expiresAt: { greaterThan: "", lessThan: clock().toISOString() } };
      const lapsed = await entries.query({ range, orderBy: { member: "expiresAt", direction: "ascending" }, limit });
      for (const { value, etag } of lapsed) await unlessChanged(entries.delete(value.id, value.id, etag));
      return lapsed.length;
    },
  };
};
