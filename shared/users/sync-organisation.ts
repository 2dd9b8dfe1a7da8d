import type { Clock } from "../kernel/clock.ts";
import { DomainError } from "../kernel/errors.ts";
import type { Logger } from "../kernel/logger.ts";
import type { Tenant } from "../tenants/tenant.ts";
import { tenantIdOf } from "../tenants/tenant.ts";
import type { Directory } from "./directory.ts";
import type { DirectoryStore, OrganisationEntry } from "./directory-store.ts";
import { organisationEntryId } from "./directory-store.ts";
import type { SyncUser } from "./sync-user.ts";
import type { UserStore } from "./user-store.ts";

/** Brings an organisation's tenant to what the identity provider says of the organisation now. */
export type SyncOrganisation = (orgId: string) => Promise<void>;
/** Does what is still `due` for an organisation whose state is known. */
export type SettleOrganisation = (orgId: string) => Promise<void>;

interface SettleDeps {
  readonly entries: DirectoryStore;
  readonly users: UserStore;
  readonly syncUser: SyncUser;
  readonly findTenant: (tenantId: string) => Promise<Tenant | undefined>;
  readonly changeAccess: (tenantId: string, to: "suspended" | "active", by: "organisation") => Promise<unknown>;
  readonly log: Logger;
}

const pageSize = 200;
const roundsMax = 5;
/** Nothing to suspend or resume: nobody can be in such a tenant, and it begins anew if it is tried again. */
const isWithoutPeople = (tenant: Tenant | undefined): boolean =>
  tenant === undefined || tenant.status === "failed" || tenant.status === "cancelled";

export const makeSettleOrganisation = (deps: SettleDeps): SettleOrganisation => {
  const { entries, users, syncUser, findTenant, changeAccess, log } = deps;

  /** An organisation's end tells nothing of its people, so each is looked at. */
  const syncPeople = async (orgId: string): Promise<void> => {
    let afterId: string | undefined;
    do {
      const page = await users.ofOrganisation(orgId, pageSize, afterId);
      for (const { id } of page) await syncUser({ sub: id, orgId });
      afterId = page.length === pageSize ? page.at(-1)?.id : undefined;
    } while (afterId !== undefined);
  };

  const apply = async ({ orgId, state }: OrganisationEntry): Promise<void> => {
    const tenantId = tenantIdOf(orgId);
    const tenant = await findTenant(tenantId);
    if (!isWithoutPeople(tenant)) {
      const isHeld = tenant?.suspendedBy.includes("organisation") === true;
      if (state !== "active") await changeAccess(tenantId, "suspended", "organisation");
      else if (isHeld) await changeAccess(tenantId, "active", "organisation");
    }
    if (state === "removed") await syncPeople(orgId);
  };

  return async (orgId) => {
    for (let round = 1; round <= roundsMax; round += 1) {
      const entry = await entries.organisation(orgId).read();
      if (entry?.stackState !== "due") return;
      try {
        await apply(entry);
      } catch (error) {
        if (!(error instanceof DomainError) || error.code !== "stack-unavailable") throw error;
        log.warn("a Stack could not be told of its organisation; it is told later", { orgId, reason: error.message });
        return;
      }
      const now = await entries
        .organisation(orgId)
        .change((current) =>
          current?.state === entry.state && current.readAt === entry.readAt
            ? { ...current, stackState: "settled" }
            : undefined,
        );
      if (now?.stackState === "settled") return;
    }
  };
};

interface SyncDeps {
  readonly entries: DirectoryStore;
  readonly directory: Directory;
  readonly clock: Clock;
  readonly settleOrganisation: SettleOrganisation;
}

/** @throws DomainError `identity-provider-unavailable` */
export const makeSyncOrganisation = ({ entries, directory, clock, settleOrganisation }: SyncDeps): SyncOrganisation => {
  const stateNow = async (orgId: string): Promise<OrganisationEntry["state"]> => {
    const state = await directory.organisation(orgId);
    if (state !== undefined) return state;
    if (await directory.wasRemoved("org", orgId)) return "removed";
    throw new DomainError(
      "identity-provider-unavailable",
      "The identity provider does not show an organisation whose removal it does not tell of.",
    );
  };
  return async (orgId) => {
    // Read, ask, replace under the ETag: as with people, an older answer never replaces a newer one.
    await entries.organisation(orgId).change(async (current) => {
      const readAt = clock().toISOString();
      const state = await stateNow(orgId);
      if (current === undefined && state === "active") return undefined;
      const id = organisationEntryId(orgId);
      // What is due stays due until somebody has done it, whoever is killed on the way.
      const stackState = current?.state === state ? current.stackState : "due";
      return { id, kind: "organisation", orgId, state, readAt, stackState };
    });
    await settleOrganisation(orgId);
  };
};
