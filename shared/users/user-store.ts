import type { DocumentStore } from "../documents/document-store.ts";
import { DocumentChanged, DocumentConflict } from "../documents/document-store.ts";
import type { Caller } from "../gateway/caller.ts";
import type { Clock } from "../kernel/clock.ts";
import type { RetryPolicy } from "../kernel/retry.ts";
import { retryContention } from "../kernel/retry.ts";
import { isNewerThan, User, usersContainer } from "./user.ts";

export interface UserStore {
  /** Records who called, unless the record is newer than the token; gives the record as it is now. */
  remember(caller: Caller): Promise<User>;
  find(sub: string): Promise<User | undefined>;
  /**
   * Decides on the record and writes the decision, again and again until nobody came between; `decide` may ask elsewhere,
   * so what it asks for is never older than what it replaces. Undefined from `decide` writes nothing.
   */
  change(
    sub: string,
    decide: (current: User | undefined) => Promise<User | undefined> | User | undefined,
  ): Promise<User | undefined>;
  /** People of one organisation in the order of their ids, after `afterId`. */
  ofOrganisation(orgId: string, limit: number, afterId?: string): Promise<readonly User[]>;
  /** People whose Stack has something to learn yet. */
  due(limit: number): Promise<readonly User[]>;
}

type Said = Pick<User, "email" | "name" | "orgId" | "isOrganisationAdmin"> | Caller;

const identityOf = ({ email, name, orgId, isOrganisationAdmin }: Said) => ({
  email,
  name,
  orgId,
  isOrganisationAdmin,
});

export const openUserStore = (store: DocumentStore, clock: Clock, contention: RetryPolicy): UserStore => {
  const users = store.container(usersContainer, (raw) => User.parse(raw));
  const isContention = (error: unknown): boolean =>
    error instanceof DocumentChanged || error instanceof DocumentConflict;
  const change: UserStore["change"] = (sub, decide) =>
    retryContention(contention, isContention, async () => {
      const found = await users.read(sub, sub);
      const wanted = await decide(found?.value);
      if (wanted === undefined || JSON.stringify(wanted) === JSON.stringify(found?.value)) return found?.value;
      return (found === undefined ? await users.create(wanted) : await users.replace(wanted, found.etag)).value;
    });
  return {
    change,
    find: async (sub) => (await users.read(sub, sub))?.value,
    async remember(caller) {
      const { sub: id } = caller;
      const seenAt = clock().toISOString();
      const remembered = await change(id, (current) => {
        if (current === undefined) return User.parse({ id, ...identityOf(caller), seenAt });
        const said = JSON.stringify(identityOf(caller));
        const isKnown = isNewerThan(current, caller) || said === JSON.stringify(identityOf(current));
        return isKnown ? undefined : User.parse({ ...current, ...identityOf(caller), seenAt });
      });
      if (remembered === undefined) throw new Error("A person who was to be remembered is not there.");
      return remembered;
    },
    async ofOrganisation(orgId, limit, afterId = "") {
      const found = await users.query({
        equal: { orgId },
        range: { id: { greaterThan: afterId } },
        orderBy: { member: "id", direction: "ascending" },
        limit,
      });
      return found.map(({ value }) => value);
    },
    due: async (limit) => (await users.query({ equal: { stackState: "due" }, limit })).map(({ value }) => value),
  };
};
