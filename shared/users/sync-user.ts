import type { Clock } from "../kernel/clock.ts";
import { DomainError } from "../kernel/errors.ts";
import type { Directory, DirectoryUser } from "./directory.ts";
import type { Grant, UserStatus } from "./user.ts";
import { administratorRole, hasRole, refusalOf, User } from "./user.ts";
import type { UserStore } from "./user-store.ts";

/** Why a person is looked at again. */
export interface SyncReason {
  readonly sub: string;
  /** The organisation that owns what happened; for people who are gone it is all there is to know. */
  readonly orgId?: string | undefined;
  /** The organisation in which a grant was given, changed or taken. */
  readonly grantedIn?: string | undefined;
}

/** Brings a person's record to what the identity provider says now. "ignored": a machine, which is nobody's seat. */
export type SyncUser = (reason: SyncReason) => Promise<"done" | "ignored">;

interface SyncUserDeps {
  readonly users: UserStore;
  readonly directory: Directory;
  readonly clock: Clock;
  /** Tells the person's Stack what is `due`. */
  readonly settleUser: (sub: string) => Promise<void>;
}

interface Truth {
  readonly user: DirectoryUser | undefined;
  readonly grants: readonly Grant[];
  readonly readAt: string;
}

const statusOf = (user: DirectoryUser | undefined): UserStatus => {
  if (user === undefined) return "removed";
  return user.isActive ? "active" : "deactivated";
};

const recordOf = (current: User | undefined, { user, grants, readAt }: Truth, reason: SyncReason): User => {
  const orgId = user?.orgId ?? current?.orgId ?? reason.orgId;
  const wasGrantedNow = grants.some((grant) => grant.orgId === orgId) || reason.grantedIn === orgId;
  return {
    ...(current ?? { id: reason.sub, seenAt: readAt, version: 0, stackState: "settled" }),
    // What named somebody who is gone is not kept.
    email: user?.email,
    name: user?.name,
    orgId,
    isOrganisationAdmin: hasRole(grants, administratorRole, orgId),
    status: statusOf(user),
    grants: [...grants],
    wasGranted: (current?.wasGranted ?? false) || wasGrantedNow,
    readAt,
  };
};

const factsOf = ({ email, name, orgId, isOrganisationAdmin, status, grants, wasGranted }: User): string =>
  JSON.stringify([email, name, orgId, isOrganisationAdmin, status, grants, wasGranted]);

/** The Stack must hear of who may not come in, and of a role that changed; everything else the next session brings. */
const isStackConcerned = (current: User | undefined, next: User): boolean => {
  const refusal = refusalOf(next);
  if (current === undefined) return refusal !== undefined;
  // Also when only now it is known whose Stack that is.
  if (current.orgId !== next.orgId) return refusal !== undefined;
  return refusal !== refusalOf(current) || next.isOrganisationAdmin !== current.isOrganisationAdmin;
};

/** Only what the log confirms is gone: an identity provider also hides what we lost the right to see. */
const confirmRemoval = async (directory: Directory, sub: string, orgId: string | undefined): Promise<void> => {
  if (await directory.wasRemoved("user", sub)) return;
  if (orgId !== undefined && (await directory.wasRemoved("org", orgId))) return;
  throw new DomainError(
    "identity-provider-unavailable",
    "The identity provider does not show a user whose removal it does not tell of.",
  );
};

/**
 * The record is read first, then the identity provider is asked, then the record is replaced under its ETag: somebody
 * slower with an older answer has to ask again, so that the record never goes back whatever the order of events.
 * @throws DomainError `identity-provider-unavailable`
 */
export const makeSyncUser = ({ users, directory, clock, settleUser }: SyncUserDeps): SyncUser => {
  const ask = async (reason: SyncReason, current: User | undefined): Promise<Truth> => {
    const readAt = clock().toISOString();
    const user = await directory.user(reason.sub);
    const orgId = current?.orgId ?? reason.orgId ?? reason.grantedIn;
    if (user === undefined) await confirmRemoval(directory, reason.sub, orgId);
    const grants = user?.kind === "person" ? await directory.grants(reason.sub) : [];
    return { user, grants, readAt };
  };
  return async (reason) => {
    const seen: { kind?: DirectoryUser["kind"] | undefined } = {};
    const user = await users.change(reason.sub, async (current) => {
      const truth = await ask(reason, current);
      seen.kind = truth.user?.kind;
      if (seen.kind === "machine") return undefined;
      const next = recordOf(current, truth, reason);
      const isChanged = current === undefined || factsOf(next) !== factsOf(current);
      const stackState = isStackConcerned(current, next) ? "due" : next.stackState;
      return User.parse({ ...next, stackState, version: next.version + (isChanged ? 1 : 0) });
    });
    if (seen.kind === "machine") return "ignored";
    if (user?.stackState === "due") await settleUser(reason.sub);
    return "done";
  };
};
