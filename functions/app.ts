import { join } from "node:path";
import { buildAdapters } from "./adapters.ts";
import type { FunctionCatalog } from "./catalog.ts";
import { functionCatalog } from "./catalog.ts";
import { readSettings } from "./config.ts";
import { withErrorBoundary } from "./http/http-function.ts";
import { consoleLogger } from "./http/logger.ts";
import { buildServices } from "./services.ts";

/** Everything behind the registered functions, built from the environment's settings. @throws Error naming bad settings */
export const openApp = (): FunctionCatalog => {
  const settings = readSettings(process.env);
  const assetsDirectory = join(process.cwd(), "dist/web/console");
  const catalog = functionCatalog(buildServices(settings, buildAdapters(settings), consoleLogger, assetsDirectory));
  return { ...catalog, http: catalog.http.map((entry) => ({ ...entry, handler: withErrorBoundary(entry) })) };
};
