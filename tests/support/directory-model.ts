import { setTimeout as sleep } from "node:timers/promises";
import { DomainError } from "../../shared/kernel/errors.ts";
import type { Directory, DirectoryEvent } from "../../shared/users/directory.ts";
import type { Grant } from "../../shared/users/user.ts";

interface ModelUser {
  kind: "person" | "machine";
  isActive: boolean;
  orgId: string;
  email: string;
}

/** An identity provider in memory: its truth, its log, and answers that take their time. */
export const aDirectoryModel = (latencyMilliseconds = 2, startsAt = Date.UTC(2026, 0, 1)) => {
  const users = new Map<string, ModelUser>();
  const organisations = new Map<string, "active" | "inactive">();
  const grants = new Map<string, Grant & { userId: string }>();
  const log: DirectoryEvent[] = [];
  let isDown = false;
  let isBlind = false;
  let calls = 0;
  let held: Promise<void> | undefined;

  const append = (event: Omit<DirectoryEvent, "sequence" | "createdAt">): void => {
    const sequence = log.filter(({ aggregateId }) => aggregateId === event.aggregateId).length + 1;
    log.push({ ...event, sequence, createdAt: new Date(startsAt + log.length * 1000).toISOString() });
  };
  const user = (id: string, orgId: string, type: string, payload?: unknown): void =>
    append({ aggregateType: "user", aggregateId: id, resourceOwner: orgId, type, payload });
  const grant = (id: string, orgId: string, type: string, payload?: unknown): void =>
    append({ aggregateType: "usergrant", aggregateId: id, resourceOwner: orgId, type, payload });

  /** A vendor's answer shows how things stood when it was asked, and comes later. */
  const answer = async <T>(read: () => T): Promise<T> => {
    calls += 1;
    if (isDown) throw new DomainError("identity-provider-unavailable", "The identity provider is down.");
    const value = read();
    const holding = held;
    held = undefined;
    await holding;
    await sleep(Math.random() * latencyMilliseconds);
    return value;
  };
  const directory: Directory = {
    user: (sub) =>
      answer(() => {
        const found = isBlind ? undefined : users.get(sub);
        return found === undefined ? undefined : { ...found };
      }),
    grants: (sub) =>
      answer(() =>
        [...grants.values()]
          .filter(({ userId }) => userId === sub)
          .map(({ id, orgId, roles }) => ({ id, orgId, roles: [...roles] }))
          .sort((one, other) => (one.id < other.id ? -1 : 1)),
      ),
    organisation: (orgId) => answer(() => (isBlind ? undefined : organisations.get(orgId))),
    wasRemoved: (aggregateType, id) =>
      answer(() => log.some((event) => event.aggregateId === id && event.type === `${aggregateType}.removed`)),
    grantHolder: (id) =>
      answer(() => {
        const added = log.find((event) => event.aggregateId === id && event.type === "user.grant.added");
        return (added?.payload as { userId?: string } | undefined)?.userId;
      }),
    eventsFrom: (since, limit) =>
      answer(() => log.filter(({ createdAt }) => since === null || createdAt >= since).slice(0, limit)),
  };
  return {
    directory,
    log: log as readonly DirectoryEvent[],
    calls: () => calls,
    setDown: (isNowDown: boolean) => (isDown = isNowDown),
    /** From now on it hides everything, as from a machine user that lost its rights. */
    setBlind: (isNowBlind: boolean) => (isBlind = isNowBlind),
    /** The next answer shows how things stand when it is asked for, but comes only when it is let go. */
    holdNext: (): (() => void) => {
      const gate = Promise.withResolvers<undefined>();
      held = gate.promise;
      return () => gate.resolve(undefined);
    },
    truthOf: (sub: string) => {
      const found = users.get(sub);
      const status = found === undefined ? "removed" : found.isActive ? "active" : "deactivated";
      const held = [...grants.values()].filter(({ userId }) => userId === sub);
      return { status, grants: held.map(({ id, orgId, roles }) => ({ id, orgId, roles })) };
    },
    addOrganisation: (orgId: string) => {
      organisations.set(orgId, "active");
      append({ aggregateType: "org", aggregateId: orgId, resourceOwner: orgId, type: "org.added", payload: {} });
    },
    setOrganisation: (orgId: string, state: "active" | "inactive") => {
      organisations.set(orgId, state);
      const type = state === "active" ? "org.reactivated" : "org.deactivated";
      append({ aggregateType: "org", aggregateId: orgId, resourceOwner: orgId, type, payload: {} });
    },
    removeOrganisation: (orgId: string) => {
      organisations.delete(orgId);
      for (const [id, found] of users) if (found.orgId === orgId) users.delete(id);
      for (const [id, found] of grants) if (found.orgId === orgId) grants.delete(id);
      append({
        aggregateType: "org",
        aggregateId: orgId,
        resourceOwner: orgId,
        type: "org.removed",
        payload: undefined,
      });
    },
    addUser: (id: string, orgId: string, kind: "person" | "machine" = "person") => {
      users.set(id, { kind, isActive: true, orgId, email: `${id}@${orgId}.example` });
      user(id, orgId, kind === "person" ? "user.human.added" : "user.machine.added", { email: `${id}@x.example` });
    },
    setActive: (id: string, isActive: boolean) => {
      const found = users.get(id)!;
      found.isActive = isActive;
      user(id, found.orgId, isActive ? "user.reactivated" : "user.deactivated");
    },
    removeUser: (id: string) => {
      const { orgId } = users.get(id)!;
      users.delete(id);
      for (const held of [...grants.values()].filter(({ userId }) => userId === id)) {
        grants.delete(held.id);
        grant(held.id, held.orgId, "user.grant.cascade.removed");
      }
      user(id, orgId, "user.removed");
    },
    grant: (id: string, userId: string, orgId: string, roles: string[]) => {
      const isNew = !grants.has(id);
      grants.set(id, { id, userId, orgId, roles });
      if (isNew) grant(id, orgId, "user.grant.added", { userId, projectId: "1", roleKeys: roles });
      else grant(id, orgId, "user.grant.changed", { roleKeys: roles });
    },
    revoke: (id: string) => {
      const { orgId } = grants.get(id)!;
      grants.delete(id);
      grant(id, orgId, "user.grant.removed");
    },
  };
};
export type DirectoryModel = ReturnType<typeof aDirectoryModel>;
