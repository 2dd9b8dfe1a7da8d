import { randomInt } from "node:crypto";

import type { DirectoryDatabase, EventSearch, LoggedEvent, NewEvent } from "./directory-database.ts";
import { openDirectoryDatabase } from "./directory-database.ts";
import { Refusal } from "../process/problem.ts";
import type { Account } from "./seed.ts";
import { organisations, projectId, Role, seededAccounts } from "./seed.ts";

export type UserState = "active" | "inactive" | "locked";
export const userActions = ["remove", "deactivate", "reactivate", "lock", "unlock"] as const;
export type UserAction = (typeof userActions)[number];
export const organisationActions = ["remove", "deactivate", "reactivate"] as const;
export type OrganisationAction = (typeof organisationActions)[number];

/** An account as it stands now; `roles` and `foreignGrants` are the grants in force. */
export interface KnownAccount extends Account {
  readonly state: UserState;
}

export interface KnownGrant {
  readonly id: string;
  readonly userId: string;
  readonly orgId: string;
  readonly roles: readonly Role[];
}

/** People, organisations and grants, and the log of their changes. Seeded once, then kept over restarts. */
export interface Directory {
  findBySub(sub: string): KnownAccount | undefined;
  /** Email addresses are compared without regard to case and outer blanks, as people type them. */
  findByEmail(email: string): KnownAccount | undefined;
  /** Whether the person may sign in: active, in an active organisation. */
  isActive(account: KnownAccount): boolean;
  organisationState(orgId: string): "active" | "inactive" | undefined;
  grantsOf(userId: string): readonly KnownGrant[];
  /** @throws Refusal 400 for a change that the state does not allow */
  changeUser(sub: string, action: UserAction): void;
  addUser(person: { readonly email: string; readonly name: string; readonly orgId: string }): KnownAccount;
  changeOrganisation(orgId: string, action: OrganisationAction): void;
  /** Gives exactly these roles in an organisation; none takes the grant away. */
  changeGrant(userId: string, orgId: string, roles: readonly Role[]): void;
  search(query: EventSearch): readonly LoggedEvent[];
  takePending(): LoggedEvent | undefined;
  /** Called after every change. */
  onChange(listener: () => void): void;
  close(): void;
}

const userEvents: Record<
  UserAction,
  { readonly from: readonly UserState[]; readonly to: UserState; readonly type: string }
> = {
  remove: { from: ["active", "inactive", "locked"], to: "inactive", type: "user.removed" },
  deactivate: { from: ["active"], to: "inactive", type: "user.deactivated" },
  reactivate: { from: ["inactive"], to: "active", type: "user.reactivated" },
  lock: { from: ["active"], to: "locked", type: "user.locked" },
  unlock: { from: ["locked"], to: "active", type: "user.unlocked" },
};

/** What Zitadel puts into `user.human.added`, a password's hash included. */
const addedPayload = ({ email, name }: Pick<Account, "email" | "name">) => {
  const [firstName = name, ...rest] = name.split(" ");
  const names = { firstName, lastName: rest.join(" "), displayName: name };
  return { userName: email, ...names, preferredLanguage: "en", email, encodedHash: "$2a$14$not-a-hash" };
};

const text = (row: Record<string, unknown> | undefined, name: string): string => String(row?.[name]);
const rolesOf = (row: Record<string, unknown>): Role[] => Role.array().parse(JSON.parse(text(row, "roles")));
const newId = (): string => `4${String(randomInt(10 ** 12)).padStart(17, "0")}`;

const insertPerson = (database: DirectoryDatabase, account: Account, isPending: boolean): void => {
  const { sub, orgId, email, name, password } = account;
  database.sql.prepare("INSERT INTO users VALUES (?, ?, ?, ?, ?, 'active')").run(sub, orgId, email, name, password);
  const event = { aggregateType: "user", aggregateId: sub, type: "user.human.added", resourceOwner: orgId };
  database.append({ ...event, payload: addedPayload(account) }, isPending);
};

const writeGrant = (database: DirectoryDatabase, grant: KnownGrant, isPending: boolean): void => {
  const { id, userId, orgId, roles } = grant;
  const insert = database.sql.prepare("INSERT INTO grants VALUES (?, ?, ?, ?, 'active')");
  insert.run(id, userId, orgId, JSON.stringify(roles));
  const event = { aggregateType: "usergrant", aggregateId: id, type: "user.grant.added", resourceOwner: orgId };
  database.append({ ...event, payload: { userId, projectId, roleKeys: roles } }, isPending);
};

/** What was there before anybody asked to be told: in the log, but no target is called about it. */
const seed = (database: DirectoryDatabase): void => {
  if (database.sql.prepare("SELECT 1 FROM organisations").get() !== undefined) return;
  database.transact(() => {
    for (const { orgId, name } of organisations) {
      database.sql.prepare("INSERT INTO organisations VALUES (?, 'active')").run(orgId);
      const event = { aggregateType: "org", aggregateId: orgId, type: "org.added", resourceOwner: orgId };
      database.append({ ...event, payload: { name } }, false);
    }
    for (const account of seededAccounts) {
      insertPerson(database, account, false);
      const { sub: userId, orgId, roles, foreignGrants = [] } = account;
      const held = [{ orgId, roles }, ...foreignGrants.map((grant) => ({ orgId: grant.orgId, roles: [grant.role] }))];
      for (const grant of held)
        if (grant.roles.length > 0) writeGrant(database, { id: newId(), userId, ...grant }, false);
    }
  });
};

const readers = ({ sql }: DirectoryDatabase) => {
  const bySub = sql.prepare("SELECT * FROM users WHERE id = ?");
  const byEmail = sql.prepare("SELECT * FROM users WHERE email = ?");
  const organisation = sql.prepare("SELECT state FROM organisations WHERE id = ?");
  const grants = sql.prepare("SELECT * FROM grants WHERE user_id = ? ORDER BY id");
  const grantsOf = (userId: string): KnownGrant[] =>
    grants.all(userId).map((row) => ({ id: text(row, "id"), userId, orgId: text(row, "org_id"), roles: rolesOf(row) }));
  const accountOf = (row: Record<string, unknown> | undefined): KnownAccount | undefined => {
    if (row === undefined) return undefined;
    const [sub, orgId, state] = [text(row, "id"), text(row, "org_id"), text(row, "state")];
    const held = grantsOf(sub).flatMap((grant) => grant.roles.map((role) => ({ role, orgId: grant.orgId })));
    return {
      ...{ sub, orgId, email: text(row, "email"), name: text(row, "name"), password: text(row, "password") },
      organisation: organisations.find((each) => each.orgId === orgId)?.name ?? orgId,
      roles: held.filter((grant) => grant.orgId === orgId).map(({ role }) => role),
      foreignGrants: held.filter((grant) => grant.orgId !== orgId),
      state: state === "active" || state === "locked" ? state : "inactive",
    };
  };
  return {
    findBySub: (sub: string) => accountOf(bySub.get(sub)),
    findByEmail: (email: string) => accountOf(byEmail.get(email.trim().toLowerCase())),
    grantsOf,
    organisationState: (orgId: string): "active" | "inactive" | undefined => {
      const row = organisation.get(orgId);
      if (row === undefined) return undefined;
      return row["state"] === "active" ? "active" : "inactive";
    },
  };
};

const refuse = (message: string): Refusal => new Refusal(400, "invalid-state", message);

const changers = (database: DirectoryDatabase, read: ReturnType<typeof readers>, changed: () => void) => {
  const { sql } = database;
  const commit = (work: () => readonly NewEvent[]): void => {
    database.transact(() => {
      for (const event of work()) database.append(event, true);
    });
    changed();
  };
  const dropGrant = ({ id, orgId }: KnownGrant, type: string): NewEvent => {
    sql.prepare("DELETE FROM grants WHERE id = ?").run(id);
    return { aggregateType: "usergrant", aggregateId: id, type, resourceOwner: orgId, payload: undefined };
  };
  const changeUser = (sub: string, action: UserAction): void =>
    commit(() => {
      const account = read.findBySub(sub);
      const { from, to, type } = userEvents[action];
      if (account === undefined || !from.includes(account.state)) throw refuse(`Cannot ${action} this person now.`);
      const event = { aggregateType: "user", aggregateId: sub, type, resourceOwner: account.orgId, payload: undefined };
      if (action !== "remove") sql.prepare("UPDATE users SET state = ? WHERE id = ?").run(to, sub);
      else sql.prepare("DELETE FROM users WHERE id = ?").run(sub);
      const cascade = action === "remove" ? read.grantsOf(sub) : [];
      return [...cascade.map((grant) => dropGrant(grant, "user.grant.cascade.removed")), event];
    });
  const changeOrganisation = (orgId: string, action: OrganisationAction): void =>
    commit(() => {
      const state = read.organisationState(orgId);
      const isPossible = action === "reactivate" ? state === "inactive" : state === "active";
      if (!isPossible && !(action === "remove" && state !== undefined))
        throw refuse(`Cannot ${action} this organisation now.`);
      const set = sql.prepare("UPDATE organisations SET state = ? WHERE id = ?");
      if (action !== "remove") set.run(action === "deactivate" ? "inactive" : "active", orgId);
      // Zitadel tells nothing of the people who go with their organisation.
      else
        for (const [table, column] of [
          ["organisations", "id"],
          ["users", "org_id"],
          ["grants", "org_id"],
        ] as const)
          sql.prepare(`DELETE FROM ${table} WHERE ${column} = ?`).run(orgId);
      const type = { remove: "org.removed", deactivate: "org.deactivated", reactivate: "org.reactivated" }[action];
      const payload = action === "remove" ? undefined : {};
      return [{ aggregateType: "org", aggregateId: orgId, type, resourceOwner: orgId, payload }];
    });
  const changeGrant = (userId: string, orgId: string, roles: readonly Role[]): void => {
    const known = read.grantsOf(userId).find((grant) => grant.orgId === orgId);
    if (known === undefined && roles.length > 0) {
      database.transact(() => writeGrant(database, { id: newId(), userId, orgId, roles }, true));
      changed();
    } else if (known !== undefined) {
      commit(() => {
        if (roles.length === 0) return [dropGrant(known, "user.grant.removed")];
        sql.prepare("UPDATE grants SET roles = ? WHERE id = ?").run(JSON.stringify(roles), known.id);
        const event = { aggregateType: "usergrant", aggregateId: known.id, resourceOwner: orgId };
        return [{ ...event, type: "user.grant.changed", payload: { roleKeys: roles } }];
      });
    }
  };
  return { changeUser, changeOrganisation, changeGrant };
};

export const openDirectory = (dataDirectory: string, now: () => Date): Directory => {
  const database = openDirectoryDatabase(dataDirectory, now);
  seed(database);
  const listeners: (() => void)[] = [];
  const changed = (): void => listeners.forEach((listener) => listener());
  const read = readers(database);
  return {
    ...read,
    ...changers(database, read, changed),
    isActive: ({ state, orgId }) => state === "active" && read.organisationState(orgId) === "active",
    addUser: ({ email, name, orgId }) => {
      if (read.findByEmail(email) !== undefined) throw refuse("There is somebody with this email.");
      if (read.organisationState(orgId) === undefined) throw refuse("There is no such organisation.");
      const organisation = organisations.find((each) => each.orgId === orgId)?.name ?? orgId;
      const account = {
        sub: newId(),
        email: email.trim().toLowerCase(),
        name,
        orgId,
        organisation,
        roles: [],
        password: newId(),
      };
      database.transact(() => insertPerson(database, account, true));
      changed();
      return { ...account, state: "active" };
    },
    search: (query) => database.search(query),
    takePending: () => database.takePending(),
    onChange: (listener) => void listeners.push(listener),
    close: () => database.close(),
  };
};
