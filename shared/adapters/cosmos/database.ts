import type { ContainerRequest, CosmosClientOptions, Database } from "@azure/cosmos";
import { checkDefinition, type ContainerDefinition } from "../../documents/document-store.ts";

/** Where the documents are and who asks: a token credential (managed identity) on Azure, a key elsewhere. */
export interface CosmosAddress {
  /** Base URL of the account. */
  readonly endpoint: string;
  readonly database: string;
  readonly credential: NonNullable<CosmosClientOptions["aadCredentials"]> | { readonly key: string };
}

/** How long Cosmos may take. */
export interface CosmosLimits {
  /** One request. */
  readonly requestMilliseconds: number;
  /** One operation in all, the repeats of the SDK and of this adapter included. */
  readonly operationMilliseconds: number;
}

export const defaultCosmosLimits: CosmosLimits = { requestMilliseconds: 10_000, operationMilliseconds: 25_000 };

const throttledAttemptsMax = 9;

const isLoopback = (endpoint: string): boolean =>
  ["localhost", "127.0.0.1", "[::1]"].includes(new URL(endpoint).hostname);

/**
 * A client for one database. The SDK is imported here, on first use, and not when the bundle is loaded. Dispose of it
 * with `database.client.dispose()`.
 */
export const openCosmosDatabase = async (
  { endpoint, database, credential }: CosmosAddress,
  limits: CosmosLimits = defaultCosmosLimits,
): Promise<Database> => {
  const { CosmosClient } = await import("@azure/cosmos");
  const client = new CosmosClient({
    endpoint,
    ...("key" in credential ? { key: credential.key } : { aadCredentials: credential }),
    // Session: rules need no more, because decisions are made by the guarded write and never by a read.
    consistencyLevel: "Session",
    connectionPolicy: {
      requestTimeout: limits.requestMilliseconds,
      // An emulator names addresses of its own (another scheme, a container's host), which cannot be reached from here.
      enableEndpointDiscovery: !isLoopback(endpoint),
      retryOptions: {
        maxRetryAttemptCount: throttledAttemptsMax,
        fixedRetryIntervalInMilliseconds: 0,
        maxWaitTimeInSeconds: limits.operationMilliseconds / 1000,
      },
    },
  });
  return client.database(database);
};

/** Only what queries may name is indexed, so that a write costs no more than it must. */
const containerRequest = async ({ name, partitionKey, indexes }: ContainerDefinition) => {
  const { PartitionKeyDefinitionVersion } = await import("@azure/cosmos");
  // Cosmos indexes id by itself, but not another partition key.
  const members = new Set([partitionKey, ...indexes]);
  members.delete("id");
  return {
    id: name,
    partitionKey: { paths: [`/${partitionKey}`], version: PartitionKeyDefinitionVersion.V2 },
    indexingPolicy: {
      indexingMode: "consistent",
      automatic: true,
      includedPaths: [...members].map((member) => ({ path: `/${member}/?` })),
      excludedPaths: [{ path: "/*" }],
    },
  } satisfies ContainerRequest;
};

/**
 * Start-up step of local and test set-ups (on Azure, infrastructure code does it): makes the database and the containers
 * that are missing, and widens the index policy of a container whose definition has grown.
 */
export const createCosmosContainers = async (
  database: Database,
  definitions: readonly ContainerDefinition[],
): Promise<void> => {
  await database.client.databases.createIfNotExists({ id: database.id });
  for (const definition of definitions) {
    checkDefinition(definition);
    const request = await containerRequest(definition);
    const { container, resource } = await database.containers.createIfNotExists(request);
    const present = new Set(resource?.indexingPolicy?.includedPaths?.map(({ path }) => path));
    if (request.indexingPolicy.includedPaths.every(({ path }) => present.has(path))) continue;
    await container.replace(request);
  }
};
