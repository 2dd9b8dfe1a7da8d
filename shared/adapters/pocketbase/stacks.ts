import { randomBytes } from "node:crypto";
import type { CollectionModel } from "pocketbase";
import type { SecretStore } from "../../secrets/secret-store.ts";
import type { CollectionDefinition } from "../../stack/collection-definition.ts";
import { tenantCollections } from "../../stack/collections.ts";
import { lintCollections } from "../../stack/lint-collections.ts";
import { collectionName } from "../../stack/namespace.ts";
import type { LocateInstance, Stack, StackAddress, Stacks, TenantSpace } from "../../stack/stack.ts";
import { systemCollections } from "../../stack/system-collections.ts";
import { instanceSettings } from "./instance-settings.ts";
import { openedSession, refusedSession, sessionBody } from "./session-outcome.ts";
import { superuserConnection, type SuperuserConnection } from "./superuser-connection.ts";
import { upsertTenantRow, writeTenantLimits, writeTenantStatus } from "./tenant-row.ts";

export interface PocketBaseStacksOptions {
  readonly secrets: SecretStore;
  /** For one request. Default 15,000: an import into a full and busy instance takes more than half a second. */
  readonly timeoutMilliseconds?: number;
  readonly fetch?: typeof fetch;
  readonly locate?: LocateInstance | undefined;
}

/** The SDK types what it sends as what it receives. Ours are import definitions, which PocketBase completes itself. */
const importable = (definitions: readonly CollectionDefinition[]): CollectionModel[] =>
  definitions as unknown as CollectionModel[];

/** Never `deleteMissing`: that would drop every other tenant's collections. */
const deleteMissing = false;

const isolatedCollections = (space: TenantSpace): CollectionModel[] => {
  const collections = tenantCollections(space);
  const findings = lintCollections(collections, space);
  if (findings.length > 0) throw new Error(`collections are not isolated: ${findings.join("; ")}`);
  return importable(collections);
};

/** Ends all of a tenant's sessions: the secret is half of the key of every token of that collection. */
const rotateSessionSecret = (connection: SuperuserConnection, namespace: string): Promise<unknown> =>
  connection.changeSchema((client) =>
    client.collections.update(collectionName("users", namespace), {
      authToken: { secret: randomBytes(40).toString("base64url") },
    }),
  );

const stackOf = (connection: SuperuserConnection): Stack => ({
  isReady: () => connection.isHealthy(),

  prepare: async () => {
    await connection.call((client) => client.settings.update(instanceSettings));
    await connection.changeSchema((client) => client.collections.import(importable(systemCollections), deleteMissing));
  },

  createTenantSpace: async (space) => {
    const collections = isolatedCollections(space);
    // The row first: its unique namespace keeps a second tenant from ever reaching the import with the same names.
    await connection.call((client) => upsertTenantRow(client, space));
    await connection.changeSchema((client) => client.collections.import(collections, deleteMissing));
  },

  changeLimits: (limits) => connection.call((client) => writeTenantLimits(client, limits)),

  openSession: (request) =>
    connection.call(async (client) => {
      try {
        const body = sessionBody(request);
        return openedSession(await client.send("/api/kombify/sessions", { method: "POST", body }));
      } catch (error) {
        const refused = refusedSession(error);
        if (refused === undefined) throw error;
        return refused;
      }
    }),

  endSessions: async ({ tenantId, namespace, sub }) => {
    const body = { tenantId, namespace, sub };
    await connection.call((client) => client.send("/api/kombify/sessions/end", { method: "POST", body }));
  },

  changeRole: async ({ tenantId, namespace, sub }, isOrganisationAdmin) => {
    const body = { tenantId, namespace, sub, isOrganisationAdmin };
    await connection.call((client) => client.send("/api/kombify/sessions/role", { method: "POST", body }));
  },

  suspendTenant: async (tenantId, namespace) => {
    await connection.call((client) => writeTenantStatus(client, tenantId, "suspended"));
    await rotateSessionSecret(connection, namespace);
  },

  resumeTenant: (tenantId) => connection.call((client) => writeTenantStatus(client, tenantId, "active")),
});

/**
 * Stack instances that are PocketBase servers with the hooks of `infra/stack-instance`. One connection is kept per
 * address; it signs in once, keeps to 15 requests in flight and makes one schema change at a time.
 */
export const pocketBaseStacks = ({
  secrets,
  timeoutMilliseconds = 15_000,
  fetch = globalThis.fetch,
  locate,
}: PocketBaseStacksOptions): Stacks => {
  const stacks = new Map<string, Stack>();
  return {
    at: (address: StackAddress) => {
      const key = `${address.instanceId} ${address.internalEndpoint}`;
      const known = stacks.get(key);
      if (known !== undefined) return known;
      const stack = stackOf(superuserConnection(address, { secrets, timeoutMilliseconds, fetch, locate }));
      stacks.set(key, stack);
      return stack;
    },
  };
};
