import type { Event } from "../events/event.ts";
import type { HandleEvent } from "../events/handle-event.ts";
import type { Directory } from "./directory.ts";
import type { DirectoryStore } from "./directory-store.ts";
import { subjectOf } from "./event-types.ts";
import type { SyncOrganisation } from "./sync-organisation.ts";
import type { SyncUser } from "./sync-user.ts";

interface HandleDeps {
  readonly entries: DirectoryStore;
  readonly directory: Pick<Directory, "grantHolder">;
  readonly syncUser: SyncUser;
  readonly syncOrganisation: SyncOrganisation;
}

/** An event says only where to look: the identity provider is asked how things stand, in whatever order events come. */
export const makeHandleZitadelEvent = (deps: HandleDeps): HandleEvent => {
  const { entries, directory, syncUser, syncOrganisation } = deps;

  /** Whose grant it is: the first event says so, afterwards our own note or the identity provider's log. */
  const holderOf = async (grantId: string, { reference }: Event): Promise<string | undefined> => {
    const named = reference["userId"];
    const holder = named ?? (await entries.holderOf(grantId)) ?? (await directory.grantHolder(grantId));
    if (holder !== undefined) await entries.rememberGrant(grantId, holder, reference["organisationId"] ?? "");
    return holder;
  };

  return async (event) => {
    const { aggregateId = "", organisationId } = event.reference;
    switch (subjectOf(event.type)) {
      case "person":
        return syncUser({ sub: aggregateId, orgId: organisationId });
      case "organisation":
        await syncOrganisation(aggregateId);
        return "done";
      case "grant": {
        const sub = await holderOf(aggregateId, event);
        return sub === undefined ? "ignored" : syncUser({ sub, grantedIn: organisationId });
      }
      case "machine":
      case undefined:
        return "ignored";
    }
  };
};
