import type { CollectionDefinition } from "./collection-definition.ts";
import { flagsCollection } from "./flags-collection.ts";
import { fleetCollections } from "./fleet-collections.ts";
import { operationsCollections } from "./operations-collections.ts";
import type { TenantScope } from "./tenant-scope.ts";
import { usersCollection } from "./users-collection.ts";

/**
 * All collections of one tenant, for ONE import with `deleteMissing` false. Ids are fixed, so the import may be repeated:
 * it restores fields, rules and indexes and keeps records and sessions.
 */
export const tenantCollections = (scope: TenantScope): readonly CollectionDefinition[] => [
  usersCollection(scope),
  ...fleetCollections(scope),
  ...operationsCollections(scope),
  flagsCollection(scope),
];
