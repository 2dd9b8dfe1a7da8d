import type PocketBase from "pocketbase";
import type { CollectionModel } from "pocketbase";
import { ClientResponseError } from "pocketbase";
import { isDeepStrictEqual } from "node:util";
import type { InstanceFlags, OpenInstanceFlags, TenantFlag } from "../../flags/ports.ts";
import type { SecretStore } from "../../secrets/secret-store.ts";
import type { CollectionDefinition } from "../../stack/collection-definition.ts";
import { flagsCollection } from "../../stack/flags-collection.ts";
import { lintCollections } from "../../stack/lint-collections.ts";
import { collectionName } from "../../stack/namespace.ts";
import type { LocateInstance } from "../../stack/stack.ts";
import { flagStateCollection } from "../../stack/system-collections.ts";
import { superuserConnection, type SuperuserConnection } from "./superuser-connection.ts";

/** A row as it was read. */
interface Row extends TenantFlag {
  readonly id: string;
}

/** Fixed, so that there is one. */
const stateId = "kombifyflags001";

const isMissing = (error: unknown): boolean => error instanceof ClientResponseError && error.status === 404;

/** The SDK types what it sends as what it receives; ours is an import definition, which PocketBase completes itself. */
const importable = (definition: CollectionDefinition): CollectionModel[] =>
  [definition] as unknown as CollectionModel[];

const factsOf = ({ key, value, variant, reason, revision }: TenantFlag): TenantFlag => ({
  ...{ key, value, variant, reason, revision },
});

/** PocketBase takes a text in a JSON field for JSON where it can be: "true" would become true. */
const bodyOf = (flag: TenantFlag): TenantFlag =>
  typeof flag.value === "string" ? { ...factsOf(flag), value: JSON.stringify(flag.value) } : factsOf(flag);

/** Only what differs is written, so that those who listen hear of changes alone. */
const writeRows = async (
  client: PocketBase,
  name: string,
  flags: readonly TenantFlag[],
  setRevision: number,
): Promise<void> => {
  const rows = client.collection<Row>(name);
  const found = new Map((await rows.getFullList({ batch: 500 })).map((row) => [row.key, row]));
  for (const flag of flags) {
    const row = found.get(flag.key);
    found.delete(flag.key);
    if (row === undefined) await rows.create(bodyOf(flag));
    else if (row.revision <= setRevision && !isDeepStrictEqual(factsOf(row), factsOf(flag))) {
      await rows.update(row.id, bodyOf(flag));
    }
  }
  for (const { id, revision } of found.values()) if (revision <= setRevision) await rows.delete(id);
};

const readRevision = async (client: PocketBase): Promise<number> => {
  const { revision } = await client.collection(flagStateCollection.name).getOne<{ revision: number }>(stateId);
  return revision;
};

const writeRevision = async (client: PocketBase, revision: number): Promise<void> => {
  const rows = client.collection(flagStateCollection.name);
  try {
    await rows.update(stateId, { revision });
  } catch (error) {
    if (!isMissing(error)) throw error;
    await rows.create({ id: stateId, revision });
  }
};

/** Instances and tenants of an earlier release lack the collection; it is made when it is needed first. */
const withCollection = async (
  connection: SuperuserConnection,
  definition: CollectionDefinition,
  act: (client: PocketBase) => Promise<void>,
): Promise<void> => {
  const isDone = await connection.call(async (client) => {
    try {
      await act(client);
      return true;
    } catch (error) {
      if (isMissing(error)) return false;
      throw error;
    }
  });
  if (isDone) return;
  await connection.changeSchema((client) => client.collections.import(importable(definition), false));
  await connection.call(act);
};

const flagsOn = (connection: SuperuserConnection): InstanceFlags => ({
  readRevision: () =>
    connection.call(async (client) => {
      try {
        return await readRevision(client);
      } catch (error) {
        if (isMissing(error)) return 0;
        throw error;
      }
    }),
  writeTenant: async (tenant, flags, setRevision) => {
    const definition = flagsCollection(tenant);
    const findings = lintCollections([definition], tenant);
    if (findings.length > 0) throw new Error(`collections are not isolated: ${findings.join("; ")}`);
    const name = collectionName("flags", tenant.namespace);
    await withCollection(connection, definition, (client) => writeRows(client, name, flags, setRevision));
  },
  writeRevision: (revision) =>
    withCollection(connection, flagStateCollection, (client) => writeRevision(client, revision)),
});

interface Options {
  readonly secrets: SecretStore;
  /** For one request. Default 10,000. */
  readonly timeoutMilliseconds?: number;
  readonly fetch?: typeof fetch;
  readonly locate?: LocateInstance | undefined;
}

/** Flags in PocketBase; one connection of its own is kept per address. */
export const pocketBaseInstanceFlags = ({
  secrets,
  timeoutMilliseconds = 10_000,
  fetch = globalThis.fetch,
  locate,
}: Options): OpenInstanceFlags => {
  const opened = new Map<string, InstanceFlags>();
  return (address) => {
    const key = `${address.instanceId} ${address.internalEndpoint}`;
    const known = opened.get(key);
    if (known !== undefined) return known;
    const flags = flagsOn(superuserConnection(address, { secrets, timeoutMilliseconds, fetch, locate }));
    opened.set(key, flags);
    return flags;
  };
};
