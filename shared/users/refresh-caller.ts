import type { Caller } from "../gateway/caller.ts";
import { DomainError } from "../kernel/errors.ts";
import type { User } from "./user.ts";
import { administratorRole, hasRole, isNewerThan, refusalOf } from "./user.ts";
import type { UserStore } from "./user-store.ts";

/** The caller by what is known now. @throws DomainError `access-withdrawn` for people who may not come in any more */
export type RefreshCaller = (caller: Caller) => Promise<Caller>;

interface RefreshCallerDeps {
  readonly users: Pick<UserStore, "find">;
  readonly operatorOrgId: string;
}

const sentences = {
  removed: "This account has been removed.",
  deactivated: "This account is deactivated or locked. Ask your administrator.",
  withdrawn: "Your organisation has taken back your access. Ask your administrator.",
} as const;

/** @throws DomainError `access-withdrawn` */
export const refuseWithdrawn = (user: Parameters<typeof refusalOf>[0]): void => {
  const refusal = refusalOf(user);
  if (refusal !== undefined) throw new DomainError("access-withdrawn", sentences[refusal]);
};

const rolesByRecord = ({ grants }: User, caller: Caller, operatorOrgId: string): Caller => ({
  ...caller,
  isOrganisationAdmin: caller.orgId !== undefined && hasRole(grants, administratorRole, caller.orgId),
  isOperator: caller.orgId === operatorOrgId && hasRole(grants, administratorRole, operatorOrgId),
});

/**
 * A token lives for hours and says what was true when it was issued. Whoever may not come in any more is refused whatever
 * it says; roles are the record's when it is newer than the token, else the token's.
 */
export const makeRefreshCaller =
  ({ users, operatorOrgId }: RefreshCallerDeps): RefreshCaller =>
  async (caller) => {
    const user = await users.find(caller.sub);
    if (user === undefined) return caller;
    refuseWithdrawn(user);
    return isNewerThan(user, caller) ? rolesByRecord(user, caller, operatorOrgId) : caller;
  };
