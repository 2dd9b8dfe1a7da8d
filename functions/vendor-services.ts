import type { RaiseAlert } from "../shared/events/raise-alert.ts";
import type { Logger } from "../shared/kernel/logger.ts";
import type { ChangeAccess } from "../shared/tenants/change-access.ts";
import type { ChangePlan } from "../shared/tenants/change-plan.ts";
import type { FindTenant } from "../shared/tenants/find-tenant.ts";
import type { Tenant } from "../shared/tenants/tenant.ts";
import type { Adapters } from "./adapters.ts";
import { buildBillingServices } from "./billing/billing-services.ts";
import type { Settings } from "./config.ts";
import { buildEventServices } from "./events/event-services.ts";
import type { Stores } from "./stores.ts";
import { buildDirectoryServices } from "./users/directory-services.ts";
import { buildUserServices } from "./users/user-services.ts";

interface VendorParts {
  readonly settings: Settings;
  readonly adapters: Adapters;
  readonly stores: Stores;
  readonly readTenant: (tenantId: string) => Promise<Tenant | undefined>;
  readonly tenants: {
    readonly findTenant: FindTenant;
    readonly changeAccess: ChangeAccess;
    readonly changePlan: ChangePlan;
  };
  readonly raiseAlert: RaiseAlert;
  readonly log: Logger;
}

/** People as the identity provider has them, and the events by which vendors tell of changes. */
export const buildVendorServices = (parts: VendorParts) => {
  const { settings, adapters, stores, readTenant, tenants, raiseAlert, log } = parts;
  const directory = buildDirectoryServices({
    ...{ ...adapters, findTenant: readTenant, log, users: stores.users, changeAccess: tenants.changeAccess },
    endpoints: (placement) => stores.pool.endpoints(placement),
  });
  const { findTenant, changePlan } = tenants;
  const billing = buildBillingServices({ ...adapters, settings, findTenant, changePlan, raiseAlert, log });
  const events = buildEventServices({
    ...{ ...adapters, raiseAlert, log, queue: adapters.eventQueue },
    handlers: { zitadel: directory.handleZitadelEvent, stripe: billing.handleStripeEvent },
  });
  return {
    ...buildUserServices({
      ...adapters,
      log,
      findTenant: readTenant,
      findPerson: (sub: string) => stores.users.find(sub),
    }),
    ...events,
    ...directory,
    ...directory.receivingWith(events.acceptEvent, raiseAlert),
    ...billing,
  };
};
