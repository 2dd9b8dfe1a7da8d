import { consoleLogger } from "./http/logger.ts";
import type { FunctionManifest } from "./manifest.ts";
import type { OpenApp } from "./register.ts";
import { registerFunctions } from "./register.ts";

/** Put in by `scripts/build-functions.ts`, which asks the catalog. */
declare const functionManifest: FunctionManifest;

let opened: ReturnType<OpenApp> | undefined;
const openApp: OpenApp = () => (opened ??= import("./app.ts").then((app) => app.openApp()));

registerFunctions(functionManifest, openApp);

// The host learns at once what there is; while it sets up its listeners, the app is loaded before anybody calls.
setImmediate(() => {
  openApp().catch((error: unknown) => {
    consoleLogger.error("The app cannot be opened; every call will fail.", {
      reason: error instanceof Error ? error.message : String(error),
    });
  });
});
