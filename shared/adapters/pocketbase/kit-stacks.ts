import type PocketBase from "pocketbase";
import { ClientResponseError } from "pocketbase";
import type { SecretStore } from "../../secrets/secret-store.ts";
import { collectionName } from "../../stack/namespace.ts";
import type { LocateInstance } from "../../stack/stack.ts";
import type { TenantScope } from "../../stack/tenant-scope.ts";
import type { KitStack, OpenKitStack, StackRow } from "../../stackkits/kit-stack.ts";
import { superuserConnection, type SuperuserConnection } from "./superuser-connection.ts";

const isMissing = (error: unknown): boolean => error instanceof ClientResponseError && error.status === 404;

const putRow = async (
  client: PocketBase,
  name: string,
  id: string,
  members: Readonly<Record<string, unknown>>,
): Promise<void> => {
  const rows = client.collection(name);
  try {
    await rows.update(id, members);
  } catch (error) {
    if (!isMissing(error)) throw error;
    await rows.create({ ...members, id });
  }
};

const kitStackOn = (connection: SuperuserConnection, { namespace }: TenantScope): KitStack => {
  const rowsOf = (client: PocketBase, base: "nodes" | "services" | "deployments"): Promise<StackRow[]> =>
    client.collection<StackRow>(collectionName(base, namespace)).getFullList({ batch: 500 });
  return {
    read: () =>
      connection.call(async (client) => ({
        nodes: await rowsOf(client, "nodes"),
        services: await rowsOf(client, "services"),
        deployments: await rowsOf(client, "deployments"),
      })),
    put: (base, id, members) =>
      connection.call((client) => putRow(client, collectionName(base, namespace), id, members)),
    remove: (base, id) =>
      connection.call(async (client) => {
        try {
          await client.collection(collectionName(base, namespace)).delete(id);
        } catch (error) {
          if (!isMissing(error)) throw error;
        }
      }),
  };
};

interface Options {
  readonly secrets: SecretStore;
  /** For one request. Default 10,000. */
  readonly timeoutMilliseconds?: number;
  readonly fetch?: typeof fetch;
  readonly locate?: LocateInstance | undefined;
}

/** Tenants' collections in PocketBase, as far as kits need them; one connection of its own is kept per address. */
export const pocketBaseKitStacks = ({
  secrets,
  timeoutMilliseconds = 10_000,
  fetch = globalThis.fetch,
  locate,
}: Options): OpenKitStack => {
  const opened = new Map<string, SuperuserConnection>();
  return (address, tenant) => {
    const key = `${address.instanceId} ${address.internalEndpoint}`;
    const connection = opened.get(key) ?? superuserConnection(address, { secrets, timeoutMilliseconds, fetch, locate });
    opened.set(key, connection);
    return kitStackOn(connection, tenant);
  };
};
