import { z } from "zod";
import { catalogContainer } from "../documents/catalog-container.ts";
import type { DocumentStore, Stored } from "../documents/document-store.ts";
import { DocumentConflict } from "../documents/document-store.ts";
import { Flag, flagsMax } from "./flag.ts";

/** Who did what to which flag; `before` and `after` are the flag as it was and became. Never changed, never removed. */
export const FlagChange = z.object({
  id: z.string(),
  kind: z.literal("flag-change"),
  /** `<flag key>~<revision, padded>`: one flag's history in order. */
  key: z.string(),
  revision: z.int(),
  flag: z.string(),
  action: z.enum(["create", "update", "kill", "restore", "archive", "apply"]),
  by: z.string(),
  at: z.string(),
  before: Flag.nullable(),
  after: Flag.nullable(),
});
export type FlagChange = z.infer<typeof FlagChange>;

/**
 * All flags as one document, so that a revision is all or nothing. `changes`: those of this revision, until each is in the
 * history; whoever writes the next revision makes sure of it first.
 */
const FlagSet = z.object({
  id: z.literal("current"),
  kind: z.literal("flag-set"),
  revision: z.int().min(0),
  updatedAt: z.string(),
  flags: z.array(Flag).max(flagsMax),
  changes: z.array(FlagChange),
});
export type FlagSet = z.infer<typeof FlagSet>;

/** What an instance has. `digest`: of every value its tenants have; empty while that is not known. */
const FlagRollout = z.object({
  /** The instance's id. */
  id: z.string(),
  kind: z.literal("flag-rollout"),
  revision: z.int(),
  digest: z.string(),
  status: z.enum(["new", "applied", "failed"]),
  /** For people; null when applied. */
  cause: z.string().nullable(),
  /** Failures in a row. */
  failures: z.int(),
  /** Until then one worker alone writes to the instance; null: nobody does. */
  leaseUntil: z.string().nullable(),
  updatedAt: z.string(),
});
export type FlagRollout = z.infer<typeof FlagRollout>;

export interface FlagStore {
  readSet(): Promise<FlagSet>;
  /** @throws DocumentChanged, DocumentConflict: somebody else was quicker; nothing was written */
  writeSet(next: Omit<FlagSet, "id" | "kind">, isBasedOn: number): Promise<FlagSet>;
  /** One flag's, newest first; 100 at most. */
  history(flagKey: string): Promise<readonly FlagChange[]>;
  rollouts(): Promise<readonly FlagRollout[]>;
  readRollout(instanceId: string): Promise<Stored<FlagRollout> | undefined>;
  /** @throws DocumentChanged, DocumentConflict when it is not as it was read (`etag`, undefined for none) */
  writeRollout(rollout: FlagRollout, etag: string | undefined): Promise<Stored<FlagRollout>>;
}

const historyMax = 100;
const digits = 12;
export const changeKey = (flagKey: string, revision: number): string =>
  `${flagKey}~${String(revision).padStart(digits, "0")}`;

const emptySet: FlagSet = { id: "current", kind: "flag-set", revision: 0, updatedAt: "", flags: [], changes: [] };

export const openFlagStore = (store: DocumentStore): FlagStore => {
  const sets = store.container(catalogContainer, (raw) => FlagSet.parse(raw));
  const changes = store.container(catalogContainer, (raw) => FlagChange.parse(raw));
  const rollouts = store.container(catalogContainer, (raw) => FlagRollout.parse(raw));
  const read = (): Promise<Stored<FlagSet> | undefined> => sets.read("flag-set", "current");
  const remember = async (change: FlagChange): Promise<void> => {
    try {
      await changes.create(change);
    } catch (error) {
      // Written before a crash, or by somebody who took it up in between.
      if (!(error instanceof DocumentConflict)) throw error;
    }
  };
  return {
    readSet: async () => (await read())?.value ?? emptySet,
    writeSet: async (next, isBasedOn) => {
      const found = await read();
      const document: FlagSet = { ...next, id: "current", kind: "flag-set" };
      if ((found?.value.revision ?? 0) !== isBasedOn) throw new DocumentConflict();
      for (const change of found?.value.changes ?? []) await remember(change);
      const stored = found === undefined ? await sets.create(document) : await sets.replace(document, found.etag);
      for (const change of document.changes) await remember(change);
      return stored.value;
    },
    history: async (flagKey) => {
      const [{ changes: newest = [] } = emptySet, found] = await Promise.all([
        read().then((current) => current?.value),
        changes.query({
          partition: "flag-change",
          range: { key: { greaterThan: `${flagKey}~`, lessThan: `${flagKey}\u007f` } },
          orderBy: { member: "key", direction: "descending" },
          limit: historyMax,
        }),
      ]);
      const known = new Set(found.map(({ value }) => value.id));
      const unwritten = newest.filter(({ id, flag }) => flag === flagKey && !known.has(id));
      return [...unwritten, ...found.map(({ value }) => value)];
    },
    rollouts: async () => {
      const orderBy = { member: "id", direction: "ascending" as const };
      const found = await rollouts.query({ partition: "flag-rollout", orderBy, limit: 500 });
      return found.map(({ value }) => value);
    },
    readRollout: (instanceId) => rollouts.read("flag-rollout", instanceId),
    writeRollout: (rollout, etag) => (etag === undefined ? rollouts.create(rollout) : rollouts.replace(rollout, etag)),
  };
};
