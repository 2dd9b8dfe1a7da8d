import { z } from "zod";
import type { ContainerDefinition, DocumentStore } from "../documents/document-store.ts";
import { DocumentChanged, DocumentConflict } from "../documents/document-store.ts";
import type { Caller } from "../gateway/caller.ts";
import type { Clock } from "../kernel/clock.ts";
import type { RetryPolicy } from "../kernel/retry.ts";
import { retryContention } from "../kernel/retry.ts";

/** A person as the newest verified access token described them; `id` is the Zitadel subject. */
const User = z.object({
  id: z.string(),
  email: z.string().optional(),
  name: z.string().optional(),
  orgId: z.string().optional(),
  isOrganisationAdmin: z.boolean(),
  seenAt: z.string(),
});
type User = z.infer<typeof User>;

const usersContainer: ContainerDefinition = { name: "users", partitionKey: "id", indexes: ["seenAt"] };

export interface UserStore {
  /** Records who called; repeating it changes nothing unless the token says something new. */
  remember(caller: Caller): Promise<void>;
  find(sub: string): Promise<User | undefined>;
}

const isSame = (one: User, other: User): boolean =>
  one.email === other.email &&
  one.name === other.name &&
  one.orgId === other.orgId &&
  one.isOrganisationAdmin === other.isOrganisationAdmin;

export const openUserStore = (store: DocumentStore, clock: Clock, contention: RetryPolicy): UserStore => {
  const users = store.container(usersContainer, (raw) => User.parse(raw));
  const isContention = (error: unknown): boolean =>
    error instanceof DocumentChanged || error instanceof DocumentConflict;
  return {
    find: async (sub) => (await users.read(sub, sub))?.value,
    remember: ({ sub, email, name, orgId, isOrganisationAdmin }) =>
      retryContention(contention, isContention, async () => {
        const wanted = User.parse({ id: sub, email, name, orgId, isOrganisationAdmin, seenAt: clock().toISOString() });
        const found = await users.read(sub, sub);
        if (found === undefined) await users.create(wanted);
        else if (!isSame(found.value, wanted)) await users.replace(wanted, found.etag);
      }),
  };
};
