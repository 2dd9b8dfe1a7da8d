import { z } from "zod";
import type { ContainerDefinition, Document, DocumentStore } from "../documents/document-store.ts";
import { DocumentChanged, DocumentConflict } from "../documents/document-store.ts";
import type { RetryPolicy } from "../kernel/retry.ts";
import { retryContention } from "../kernel/retry.ts";

const directoryContainer: ContainerDefinition = {
  name: "directory",
  partitionKey: "id",
  indexes: ["kind", "stackState"],
};

/** Whose grant it is: most events about a grant name only the grant. */
const GrantEntry = z.object({ id: z.string(), kind: z.literal("grant"), userId: z.string(), orgId: z.string() });

/** An organisation as the identity provider last said it stands. */
const OrganisationEntry = z.object({
  id: z.string(),
  kind: z.literal("organisation"),
  orgId: z.string(),
  state: z.enum(["active", "inactive", "removed"]),
  readAt: z.string(),
  /** `due`: its tenant and people have not been brought to this state yet. */
  stackState: z.enum(["settled", "due"]),
});
export type OrganisationEntry = z.infer<typeof OrganisationEntry>;

const Missed = z.object({ type: z.string(), aggregateId: z.string(), occurredAt: z.string() });

/** How far the identity provider's log has been read, and what was found that no webhook had told. */
const Progress = z.object({
  id: z.string(),
  kind: z.literal("progress"),
  /** Creation of the newest event read; null before the first reading has ended. */
  cursor: z.string().nullable(),
  isFirstOver: z.boolean(),
  leaseUntil: z.string(),
  lastRunAt: z.string().nullable(),
  missedCount: z.int().nonnegative(),
  /** The latest of them. */
  missed: z.array(Missed),
});
export type Progress = z.infer<typeof Progress>;

export type Change<T> = (
  decide: (current: T | undefined) => Promise<T | undefined> | T | undefined,
) => Promise<T | undefined>;

export interface DirectoryStore {
  rememberGrant(grantId: string, userId: string, orgId: string): Promise<void>;
  holderOf(grantId: string): Promise<string | undefined>;
  organisation(orgId: string): {
    read(): Promise<OrganisationEntry | undefined>;
    /** As `UserStore.change`. */
    change: Change<OrganisationEntry>;
  };
  dueOrganisations(limit: number): Promise<readonly OrganisationEntry[]>;
  progress: { read(): Promise<Progress | undefined>; change: Change<Progress> };
}

export const organisationEntryId = (orgId: string): string => `organisation:${orgId}`;
export const progressId = "progress";

export const openDirectoryStore = (store: DocumentStore, contention: RetryPolicy): DirectoryStore => {
  const isContention = (error: unknown): boolean =>
    error instanceof DocumentChanged || error instanceof DocumentConflict;
  const entries = <T extends Document>(schema: z.ZodType<T>) => {
    const container = store.container(directoryContainer, (raw) => schema.parse(raw));
    return {
      container,
      read: async (id: string) => (await container.read(id, id))?.value,
      changeOf:
        (id: string): Change<T> =>
        (decide) =>
          retryContention(contention, isContention, async () => {
            const found = await container.read(id, id);
            const wanted = await decide(found?.value);
            if (wanted === undefined) return found?.value;
            return (found === undefined ? await container.create(wanted) : await container.replace(wanted, found.etag))
              .value;
          }),
    };
  };
  const grants = entries(GrantEntry);
  const organisations = entries(OrganisationEntry);
  const progress = entries(Progress);
  return {
    async rememberGrant(grantId, userId, orgId) {
      const id = `grant:${grantId}`;
      await grants.changeOf(id)((current) =>
        current === undefined ? { id, kind: "grant", userId, orgId } : undefined,
      );
    },
    holderOf: async (grantId) => (await grants.read(`grant:${grantId}`))?.userId,
    organisation: (orgId) => ({
      read: () => organisations.read(organisationEntryId(orgId)),
      change: organisations.changeOf(organisationEntryId(orgId)),
    }),
    async dueOrganisations(limit) {
      const found = await organisations.container.query({ equal: { kind: "organisation", stackState: "due" }, limit });
      return found.map(({ value }) => value);
    },
    progress: { read: () => progress.read(progressId), change: progress.changeOf(progressId) },
  };
};
