import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { JWK } from "jose";
import type { OperatorSettings } from "./operator-settings.ts";
import { consoleClientId, dashboardClientId, operatorOrgId, projectId } from "./identity-provider/seed.ts";
import { readToolboxPrograms } from "./docker/toolbox-programs.ts";
import type { SupervisedPart } from "./process/supervised-part.ts";
import { supervise } from "./process/supervised-part.ts";
import { machineUserOf, storeZitadelSecrets } from "./zitadel-secrets.ts";
import type { Keys, Ports } from "./settings.ts";
import type { SimulationsChoice } from "./simulations.ts";
import { startSimulations } from "./simulations.ts";
import { publishShippedKits } from "./stackkits/publish-shipped-kits.ts";
import { smallSite } from "./stackkits/small-site.ts";
import { storeStripeSecrets } from "./stripe/app-secrets.ts";

export interface PlatformOptions {
  /** Absolute path. */
  readonly dataDirectory: string;
  readonly ports: Ports;
  readonly keys: Keys;
  readonly pocketbase: { readonly path: string; readonly version: string };
  readonly host: "local" | "func";
  /** Settings of the app beside those that the platform makes itself. */
  readonly settings: OperatorSettings;
  readonly simulations: SimulationsChoice;
  readonly onEvent: (line: string) => void;
}

export interface Platform {
  readonly gateway: string;
  readonly functions: string;
  readonly identityProvider: string;
  readonly resourceManager: string;
  readonly stripe: string;
  readonly blob: string;
  /** Absent where simulations cannot run. */
  readonly simHost?: string;
  pids(): Readonly<Record<string, number>>;
  stop(): Promise<void>;
}

const root = fileURLToPath(new URL("..", import.meta.url));
const entryOf = (part: string): string => join(root, "local", part, "main.ts");

const subscriptionId = "00000000-0000-0000-0000-000000000000";
const resourceGroup = "kombify-local";
const region = "westeurope";

interface Addresses {
  readonly gateway: string;
  readonly functions: string;
  readonly identityProvider: string;
  readonly resourceManager: string;
  readonly stripe: string;
  readonly simHost: string;
}

/** `localhost` for what people open, so that cookies and redirects agree; an address for what parts call. */
const addressesOf = (ports: Ports): Addresses => ({
  gateway: `http://localhost:${ports.gateway}`,
  functions: `http://127.0.0.1:${ports.functions}`,
  identityProvider: `http://localhost:${ports.identityProvider}`,
  resourceManager: `http://127.0.0.1:${ports.resourceManager}`,
  stripe: `http://127.0.0.1:${ports.stripe}`,
  simHost: `http://127.0.0.1:${ports.simHost}`,
});

/** The app's settings as `functions/config.ts` reads them, for a platform that is all on this machine. */
const appSettings = ({ dataDirectory, keys, settings }: PlatformOptions, at: Addresses): Record<string, string> => ({
  ...settings,
  PUBLIC_BASE_URL: at.gateway,
  STACK_DOMAIN: "stack.localhost",
  OIDC_ISSUER: at.identityProvider,
  OIDC_JWKS_URI: `${at.identityProvider}/oauth/v2/keys`,
  OIDC_PROJECT_ID: projectId,
  OIDC_CONSOLE_CLIENT_ID: consoleClientId,
  OIDC_DASHBOARD_CLIENT_ID: dashboardClientId,
  OPERATOR_ORG_ID: operatorOrgId,
  DOCUMENTS: "sqlite",
  SQLITE_FILE: join(dataDirectory, "documents.sqlite"),
  SECRETS_DIRECTORY: join(dataDirectory, "secrets"),
  DEFAULT_REGION: region,
  STRIPE_MODE: "test",
  STRIPE_API_URL: at.stripe,
  AZURE_SUBSCRIPTION_ID: subscriptionId,
  AZURE_RESOURCE_GROUP: resourceGroup,
  BICEP_TEMPLATE_URL: `${at.resourceManager}/templates/stack-instance.json`,
  ARM_ENDPOINT: at.resourceManager,
  ARM_LOCAL_TOKEN: keys.resourceManager,
});

const identityProviderConfiguration = ({ ports, keys }: PlatformOptions, at: Addresses, dataDirectory: string) => ({
  port: ports.identityProvider,
  issuer: at.identityProvider,
  dataDirectory,
  redirectUris: [`${at.gateway}/`, `${at.gateway}/callback`],
  dashboardRedirectUris: [`${at.gateway}/admin/callback`],
  allowedOrigins: [at.gateway],
  webhook: { url: `${at.gateway}/api/webhooks/zitadel`, signingKey: keys.zitadelWebhook },
  complement: {
    url: `${at.gateway}/api/internal/token-complement`,
    signingKey: keys.zitadelComplement,
    // Somebody waits at the sign-in page.
    timeoutMilliseconds: 500,
  },
  machineUser: machineUserOf(keys),
});

/** The shipped kits, and one of an image that is made here, which nobody could run where there is no engine. */
const publishKits = async ({ simulations, dataDirectory }: PlatformOptions, connectionString: string) =>
  publishShippedKits({
    connectionString,
    kitsDirectory: join(root, "kits"),
    more: simulations.kind === "off" ? [] : [await smallSite((await readToolboxPrograms()).version)],
    keyFile: join(dataDirectory, "kits-signing-key.pem"),
  });

const gatewayServices = ({ simulations }: PlatformOptions, at: Addresses) => {
  const serviceUrls = { functions: at.functions, dashboard: at.functions };
  if (simulations.kind !== "off") return { serviceUrls: { ...serviceUrls, "sim-host": at.simHost } };
  return { serviceUrls, absentServices: { "sim-host": `Simulations cannot run here. ${simulations.reason}` } };
};

const configurations = (options: PlatformOptions, at: Addresses) => {
  const { ports, keys, dataDirectory } = options;
  const data = (part: string): string => {
    const directory = join(dataDirectory, part);
    mkdirSync(directory, { recursive: true });
    return directory;
  };
  return {
    azurite: { blobPort: ports.blob, queuePort: ports.queue, dataDirectory: data("azurite") },
    identityProvider: identityProviderConfiguration(options, at, data("identity-provider")),
    resourceManager: {
      port: ports.resourceManager,
      dataDirectory: data("resource-manager"),
      pocketbasePath: options.pocketbase.path,
      pocketbaseVersion: options.pocketbase.version,
      resourceGroups: [{ subscriptionId, name: resourceGroup, location: region }],
      hooksDirectory: join(root, "infra/stack-instance/pb_hooks"),
      publicDirectory: join(root, "dist/web/stack"),
      publicBaseUrl: at.gateway,
      acceptedToken: keys.resourceManager,
    },
    stripe: {
      port: ports.stripe,
      dataDirectory: data("stripe"),
      apiKey: keys.stripeApi,
      webhook: { url: `http://127.0.0.1:${ports.gateway}/api/webhooks/stripe`, secret: keys.stripeWebhook },
    },
    functions: (storageConnectionString: string, kitKey: JWK) => ({
      port: ports.functions,
      appDirectory: root,
      dataDirectory: data("functions-host"),
      settings: { ...appSettings(options, at), STACKKIT_KEYS: JSON.stringify({ keys: [kitKey] }) },
      storageConnectionString,
      keys: { master: keys.master, functionKeys: { gateway: keys.gateway } },
    }),
    gateway: {
      port: ports.gateway,
      kongConfigFile: join(root, "kong/kong.yml"),
      ...gatewayServices(options, at),
      stackResolverUrl: at.resourceManager,
      vault: {
        KOMBIFY_FUNCTIONS_KEY: keys.gateway,
        KOMBIFY_ISSUER: at.identityProvider,
        KOMBIFY_AUDIENCE: projectId,
        KOMBIFY_JWKS_URI: `${at.identityProvider}/oauth/v2/keys`,
        // Names of Stacks are looked up at the resource manager; a zone means something in a network only.
        KOMBIFY_STACK_ZONE: ".stack.localhost",
        KOMBIFY_SIM_HOST_KEY: keys.simHost,
      },
      corsOrigins: [at.gateway],
    },
  };
};

/** Starts every part, each as a process of its own that is started again when it dies. @throws Error naming the part */
export const startPlatform = async (options: PlatformOptions): Promise<Platform> => {
  const at = addressesOf(options.ports);
  const logs = join(options.dataDirectory, "logs");
  mkdirSync(logs, { recursive: true });
  const parts: SupervisedPart[] = [];
  const start = async (name: string, directory: string, config: unknown): Promise<SupervisedPart> => {
    const begin = performance.now();
    const part = await supervise({
      name,
      entry: entryOf(directory),
      config,
      logFile: join(logs, `${directory}.log`),
      onRestart: (reason) => options.onEvent(`${name} ${reason}; starting it again`),
    });
    parts.push(part);
    options.onEvent(`${name} is up (${Math.round(performance.now() - begin)} ms)`);
    return part;
  };
  const stop = async (): Promise<void> => {
    // Callers before the called: what comes in last is stopped first.
    for (const part of [...parts].reverse()) await part.stop();
  };
  try {
    const config = configurations(options, at);
    await storeStripeSecrets(join(options.dataDirectory, "secrets"), options.keys);
    const starting = [
      start("storage", "azurite", config.azurite),
      start("identityProvider", "identity-provider", config.identityProvider),
      start("resourceManager", "resource-manager", config.resourceManager),
      start("stripe", "stripe", config.stripe),
    ] as const;
    // All of them, also when one fails: what is still on its way up would be left running.
    await Promise.allSettled(starting);
    const [azurite] = await Promise.all(starting);
    const { connectionString, blobUrl } = azurite.facts;
    const { publicKey } = await publishKits(options, String(connectionString));
    await storeZitadelSecrets(join(options.dataDirectory, "secrets"), options.keys);
    const functionsConfig = config.functions(String(connectionString), publicKey);
    await (options.host === "func"
      ? start("functions", "core-tools", functionsConfig)
      : start("functions", "functions-host", functionsConfig));
    const { simulations, dataDirectory, ports, keys } = options;
    // After the app: the host asks it who may do what. Before the gateway, which is open once everything is.
    if (simulations.kind !== "off")
      await startSimulations({ dataDirectory, ports, keys, engine: simulations, at, start });
    await start("gateway", "gateway", config.gateway);
    const { simHost, ...others } = at;
    return {
      ...others,
      ...(simulations.kind === "off" ? {} : { simHost }),
      blob: String(blobUrl),
      pids: () => Object.fromEntries(parts.map((part) => [part.name, part.pid()])),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
};
