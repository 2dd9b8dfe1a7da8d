import { buildAdapters } from "../functions/adapters.ts";
import type { FunctionCatalog } from "../functions/catalog.ts";
import { functionCatalog } from "../functions/catalog.ts";
import { readSettings } from "../functions/config.ts";
import { consoleLogger } from "../functions/http/logger.ts";
import type { FunctionManifest } from "../functions/manifest.ts";
import { manifestOf } from "../functions/manifest.ts";
import { buildServices } from "../functions/services.ts";

/** Settings that connect to nothing: which functions there are does not depend on them. */
export const exampleSettings = {
  PUBLIC_BASE_URL: "http://localhost:1",
  STACK_DOMAIN: "stack.localhost",
  OIDC_ISSUER: "http://localhost:1",
  OIDC_JWKS_URI: "http://localhost:1/keys",
  OIDC_PROJECT_ID: "project",
  OIDC_CONSOLE_CLIENT_ID: "console",
  OIDC_DASHBOARD_CLIENT_ID: "dashboard",
  OPERATOR_ORG_ID: "operators",
  DOCUMENTS: "sqlite",
  SQLITE_FILE: ":memory:",
  SECRETS_DIRECTORY: "/nonexistent",
  AzureWebJobsStorage: "UseDevelopmentStorage=true",
  DEFAULT_REGION: "westeurope",
  AZURE_SUBSCRIPTION_ID: "subscription",
  AZURE_RESOURCE_GROUP: "group",
  BICEP_TEMPLATE_URL: "http://localhost:1/stack-instance.json",
};

/** The app's catalog, to be looked at: nothing behind it is reachable. */
export const describeCatalog = (): FunctionCatalog => {
  const read = readSettings(exampleSettings);
  return functionCatalog(buildServices(read, buildAdapters(read), consoleLogger, "/nonexistent"));
};

export const describeFunctions = (): FunctionManifest => manifestOf(describeCatalog());
