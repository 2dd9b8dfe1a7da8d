import { randomBytes, randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { armStackDeployments } from "../shared/adapters/arm/stack-deployments.ts";
import { openArmClients } from "../shared/adapters/arm/clients.ts";
import { azureCredential, localCredential } from "../shared/adapters/arm/credentials.ts";
import { cosmosDocumentStore } from "../shared/adapters/cosmos/document-store.ts";
import { fileSecretStore } from "../shared/adapters/files/secret-store.ts";
import { locateAtManager } from "../shared/adapters/http/locate-instance.ts";
import { httpProbeInstance } from "../shared/adapters/http/probe-instance.ts";
import { httpSendWebhook } from "../shared/adapters/http/send-webhook.ts";
import { joseAccessTokenVerifier } from "../shared/adapters/jose/access-token-verifier.ts";
import { miniSearchWordIndex } from "../shared/adapters/minisearch/word-index.ts";
import { keyVaultSecretStore } from "../shared/adapters/keyvault/secret-store.ts";
import { oidcSignInProvider } from "../shared/adapters/oidc/sign-in-provider.ts";
import { pocketBaseCatalogSource } from "../shared/adapters/pocketbase/catalog-source.ts";
import { pocketBaseInstanceFlags } from "../shared/adapters/pocketbase/instance-flags.ts";
import { pocketBaseKitStacks } from "../shared/adapters/pocketbase/kit-stacks.ts";
import { pocketBaseStacks } from "../shared/adapters/pocketbase/stacks.ts";
import { sqliteDocumentStore } from "../shared/adapters/sqlite/document-store.ts";
import { storageEventQueue } from "../shared/adapters/storage-queue/event-queue.ts";
import { makeCall } from "../shared/adapters/zitadel/call.ts";
import { zitadelDirectory } from "../shared/adapters/zitadel/directory.ts";
import type { BillingVendor, ReadWebhook } from "../shared/billing/ports.ts";
import type { SignInProvider } from "../shared/dashboard/ports.ts";
import type { DocumentStore } from "../shared/documents/document-store.ts";
import type { EventQueue } from "../shared/events/ports.ts";
import type { OpenInstanceFlags } from "../shared/flags/ports.ts";
import type { AccessTokenVerifier } from "../shared/gateway/access-token.ts";
import type { ProbeInstance, SendWebhook } from "../shared/health/ports.ts";
import type { Directory } from "../shared/users/directory.ts";
import type { StackDeployments } from "../shared/instances/ports.ts";
import type { Clock } from "../shared/kernel/clock.ts";
import type { NewId } from "../shared/kernel/ids.ts";
import type { RetryPolicy } from "../shared/kernel/retry.ts";
import type { SecretStore } from "../shared/secrets/secret-store.ts";
import type { Stacks } from "../shared/stack/stack.ts";
import type { OpenSource } from "../shared/tools/migration/source.ts";
import type { OpenKitStack } from "../shared/stackkits/kit-stack.ts";
import type { KitStorage } from "../shared/stackkits/ports.ts";
import type { WordIndex } from "../shared/tools/ports.ts";
import { openBilling } from "./billing-adapters.ts";
import type { Settings } from "./config.ts";
import { openKitStorage } from "./kits-adapters.ts";
import { eventsQueue } from "./events/event-services.ts";

/** Every port's implementation, chosen once from the settings. */
export interface Adapters {
  readonly documents: DocumentStore;
  readonly secrets: SecretStore;
  readonly stacks: Stacks;
  readonly openInstanceFlags: OpenInstanceFlags;
  readonly kitStorage: KitStorage;
  readonly openKitStack: OpenKitStack;
  readonly deployments: StackDeployments;
  readonly verifier: AccessTokenVerifier;
  readonly signInProvider: SignInProvider;
  readonly probe: ProbeInstance;
  readonly sendWebhook: SendWebhook;
  readonly directory: Directory;
  readonly billingVendor: BillingVendor;
  readonly readStripeWebhook: ReadWebhook;
  readonly eventQueue: EventQueue;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly newNonce: () => string;
  /** 32 bytes as base64url. */
  readonly newSecret: () => string;
  readonly random: () => number;
  readonly sleep: (milliseconds: number) => Promise<void>;
  readonly contention: RetryPolicy;
  readonly newWordIndex: () => WordIndex;
  readonly openCatalogSource: OpenSource;
}

const nonceBytes = 18;
const secretBytes = 32;
const probeMilliseconds = 3_000;
const webhookMilliseconds = 5_000;
const sourceMilliseconds = 15_000;

const openDocuments = (settings: Settings): DocumentStore => {
  const { SQLITE_FILE: file, COSMOS_ENDPOINT: endpoint, COSMOS_DATABASE: database } = settings;
  if (settings.DOCUMENTS === "sqlite" && file !== undefined) return sqliteDocumentStore(file);
  if (endpoint !== undefined && database !== undefined) {
    return cosmosDocumentStore({
      endpoint,
      database,
      credential: azureCredential(settings.AZURE_MANAGED_IDENTITY_CLIENT_ID),
    });
  }
  throw new Error("DOCUMENTS names no usable store.");
};

const openSecrets = (settings: Settings): SecretStore => {
  const { KEY_VAULT_URL: vaultUrl, SECRETS_DIRECTORY: directory } = settings;
  if (vaultUrl !== undefined) {
    const credential = azureCredential(settings.AZURE_MANAGED_IDENTITY_CLIENT_ID);
    return keyVaultSecretStore({
      ...{ vaultUrl, credential, clock: () => new Date() },
      sleep: (milliseconds) => sleep(milliseconds),
    });
  }
  if (directory === undefined) throw new Error("No secret store is named.");
  return fileSecretStore(directory);
};

const openEventQueue = (settings: Settings): EventQueue => {
  const { QUEUE_SERVICE_URL: url, AzureWebJobsStorage: connectionString } = settings;
  if (url !== undefined) {
    const credential = azureCredential(settings.AZURE_MANAGED_IDENTITY_CLIENT_ID);
    return storageEventQueue({ url, credential }, eventsQueue);
  }
  if (connectionString === undefined) throw new Error("No storage account is named.");
  return storageEventQueue({ connectionString }, eventsQueue);
};

const openDeployments = (settings: Settings): StackDeployments => {
  const { ARM_ENDPOINT: endpoint, ARM_LOCAL_TOKEN: token } = settings;
  const isLocal = endpoint !== undefined && token !== undefined;
  return armStackDeployments({
    clients: () =>
      openArmClients(
        {
          subscriptionId: settings.AZURE_SUBSCRIPTION_ID,
          credential: isLocal ? localCredential(token) : azureCredential(settings.AZURE_MANAGED_IDENTITY_CLIENT_ID),
          ...(isLocal ? { localEndpoint: endpoint } : {}),
        },
        settings.AZURE_RESOURCE_GROUP,
      ),
    templateUri: settings.BICEP_TEMPLATE_URL,
    publicBaseUrl: settings.PUBLIC_BASE_URL,
    clock: () => new Date(),
  });
};

export const buildAdapters = (settings: Settings): Adapters => {
  const secrets = openSecrets(settings);
  // Azure's names stay; on this machine ports change hands between two starts.
  const locate = settings.ARM_ENDPOINT === undefined ? undefined : locateAtManager(settings.ARM_ENDPOINT);
  const pause = (milliseconds: number): Promise<void> => sleep(milliseconds);
  return {
    documents: openDocuments(settings),
    secrets,
    stacks: pocketBaseStacks({ secrets, locate }),
    openInstanceFlags: pocketBaseInstanceFlags({ secrets, locate }),
    kitStorage: openKitStorage(settings),
    openKitStack: pocketBaseKitStacks({ secrets, locate }),
    deployments: openDeployments(settings),
    verifier: joseAccessTokenVerifier({
      issuer: settings.OIDC_ISSUER,
      audience: settings.OIDC_PROJECT_ID,
      jwksUri: settings.OIDC_JWKS_URI,
    }),
    signInProvider: oidcSignInProvider({
      issuer: settings.OIDC_ISSUER,
      jwksUri: settings.OIDC_JWKS_URI,
      clientId: settings.OIDC_DASHBOARD_CLIENT_ID,
    }),
    probe: httpProbeInstance(probeMilliseconds, locate),
    sendWebhook: httpSendWebhook(webhookMilliseconds),
    ...openBilling(settings, secrets),
    eventQueue: openEventQueue(settings),
    directory: zitadelDirectory({
      issuer: settings.OIDC_ISSUER,
      projectId: settings.OIDC_PROJECT_ID,
      secrets,
      call: makeCall({ issuer: settings.OIDC_ISSUER, random: Math.random, sleep: pause }),
      now: () => new Date(),
    }),
    clock: () => new Date(),
    newId: randomUUID,
    newNonce: () => randomBytes(nonceBytes).toString("base64url"),
    newSecret: () => randomBytes(secretBytes).toString("base64url"),
    random: Math.random,
    sleep: pause,
    newWordIndex: miniSearchWordIndex,
    openCatalogSource: pocketBaseCatalogSource({ timeoutMilliseconds: sourceMilliseconds }),
    contention: { attemptsMax: 60, pauseMillisecondsMax: 200, random: Math.random, sleep: pause },
  };
};
