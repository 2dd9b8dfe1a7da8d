import { DomainError } from "../kernel/errors.ts";
import type { Logger } from "../kernel/logger.ts";
import type { Stack } from "../stack/stack.ts";
import type { User } from "./user.ts";
import { refusalOf } from "./user.ts";
import type { UserStore } from "./user-store.ts";

/** The Stack of an organisation's tenant; undefined while the organisation has none. */
export type FindStack = (
  orgId: string,
) => Promise<{ readonly stack: Stack; readonly tenantId: string; readonly namespace: string } | undefined>;

/** Tells the person's Stack what changed. A Stack that does not answer is told later: the record stays `due`. */
export type SettleUser = (sub: string) => Promise<void>;

interface SettleUserDeps {
  readonly users: UserStore;
  readonly findStack: FindStack;
  readonly log: Logger;
}

const roundsMax = 5;

export const makeSettleUser = ({ users, findStack, log }: SettleUserDeps): SettleUser => {
  const tell = async (user: User): Promise<void> => {
    const found = user.orgId === undefined ? undefined : await findStack(user.orgId);
    if (found === undefined) return;
    const person = { tenantId: found.tenantId, namespace: found.namespace, sub: user.id };
    if (refusalOf(user) === undefined) await found.stack.changeRole(person, user.isOrganisationAdmin);
    else await found.stack.endSessions(person);
  };
  /** Whether the record is still the one the Stack was told about. */
  const note = async (told: User): Promise<boolean> => {
    const now = await users.change(told.id, (current) =>
      current?.version === told.version ? { ...current, stackState: "settled" } : undefined,
    );
    return now?.version === told.version;
  };
  return async (sub) => {
    for (let round = 1; round <= roundsMax; round += 1) {
      const user = await users.find(sub);
      if (user?.stackState !== "due") return;
      try {
        await tell(user);
      } catch (error) {
        if (!(error instanceof DomainError) || error.code !== "stack-unavailable") throw error;
        log.warn("a Stack could not be told of a person; it is told later", { sub, reason: error.message });
        return;
      }
      if (await note(user)) return;
    }
  };
};
