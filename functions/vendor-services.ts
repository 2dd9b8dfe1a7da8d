import type { RaiseAlert } from "../shared/events/raise-alert.ts";
import type { Logger } from "../shared/kernel/logger.ts";
import type { ChangeAccess } from "../shared/tenants/change-access.ts";
import type { Tenant } from "../shared/tenants/tenant.ts";
import type { Adapters } from "./adapters.ts";
import { buildEventServices } from "./events/event-services.ts";
import type { Stores } from "./stores.ts";
import { buildDirectoryServices } from "./users/directory-services.ts";
import { buildUserServices } from "./users/user-services.ts";

interface VendorParts {
  readonly adapters: Adapters;
  readonly stores: Stores;
  readonly findTenant: (tenantId: string) => Promise<Tenant | undefined>;
  readonly raiseAlert: RaiseAlert;
  readonly changeAccess: ChangeAccess;
  readonly log: Logger;
}

/** People as the identity provider has them, and the events by which vendors tell of changes. */
export const buildVendorServices = ({ adapters, stores, findTenant, raiseAlert, changeAccess, log }: VendorParts) => {
  const directory = buildDirectoryServices({
    ...{ ...adapters, findTenant, log, users: stores.users, changeAccess },
    endpoints: (placement) => stores.pool.endpoints(placement),
  });
  const events = buildEventServices({
    ...{ ...adapters, raiseAlert, log, queue: adapters.eventQueue },
    handlers: { zitadel: directory.handleZitadelEvent },
  });
  return {
    ...buildUserServices({ ...adapters, log, findTenant, findPerson: (sub: string) => stores.users.find(sub) }),
    ...events,
    ...directory,
    ...directory.receivingWith(events.acceptEvent, raiseAlert),
  };
};
