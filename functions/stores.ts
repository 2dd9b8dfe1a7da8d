import { openUniqueNames } from "../shared/documents/unique-names.ts";
import { makeInstancePool } from "../shared/instances/instance-pool.ts";
import { openInstanceStore } from "../shared/instances/instance-store.ts";
import { openOperationLog } from "../shared/operations/operation-log.ts";
import { openTenantStore } from "../shared/tenants/tenant-store.ts";
import { openUserStore } from "../shared/users/user-store.ts";
import type { Adapters } from "./adapters.ts";
import type { Settings } from "./config.ts";

/** Builds the stores of all capabilities on the one document store. */
export const buildStores = (settings: Settings, { documents, clock, contention, random }: Adapters) => {
  const instances = openInstanceStore(documents, contention);
  return {
    instances,
    pool: makeInstancePool(instances, random, settings.PUBLIC_BASE_URL),
    tenants: openTenantStore(documents),
    operations: openOperationLog(documents, clock, contention),
    names: openUniqueNames(documents, clock),
    users: openUserStore(documents, clock, contention),
  };
};
export type Stores = ReturnType<typeof buildStores>;
