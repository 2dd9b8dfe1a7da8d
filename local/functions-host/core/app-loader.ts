import { glob, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { z } from "zod";
import { AppRegistration } from "./app-registration.ts";
import { beginRegistration, installFunctionsCore, programmingModel } from "./functions-core-module.ts";
import type { ProgrammingModel } from "./functions-core-module.ts";
import type { LogSink } from "./log.ts";

const PackageJson = z.looseObject({ main: z.string().optional(), type: z.string().optional() });

/** An app that is loaded and can be invoked. */
export interface LoadedApp {
  readonly registration: AppRegistration;
  readonly model: ProgrammingModel;
  /** Runs the app's `appTerminate` hooks. */
  readonly terminate: () => Promise<void>;
}

export interface LoadAppOptions {
  readonly appDirectory: string;
  /** A glob relative to `appDirectory`; default: `main` of its package.json. */
  readonly entry?: string | undefined;
  readonly log: LogSink;
}

const defaultCapabilities = (): Record<string, string> => ({
  RawHttpBodyBytes: "true",
  RpcHttpTriggerMetadataRemoved: "true",
  RpcHttpBodyOnly: "true",
  IgnoreEmptyValuedRpcHttpHeaders: "true",
  UseNullableValueDictionaryForHttp: "true",
  WorkerStatus: "true",
  TypedDataCollection: "true",
  HandlesWorkerTerminateMessage: "true",
});

const readPackageJson = async (appDirectory: string): Promise<z.infer<typeof PackageJson>> => {
  const file = path.join(appDirectory, "package.json");
  try {
    return PackageJson.parse(JSON.parse(await readFile(file, "utf8")));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return {};
    throw new Error(`Cannot read ${file}`, { cause: error });
  }
};

const findEntryFiles = async (appDirectory: string, pattern: string): Promise<readonly string[]> => {
  const files: string[] = [];
  for await (const file of glob(pattern, { cwd: appDirectory })) files.push(path.resolve(appDirectory, file));
  if (files.length === 0) throw new Error(`Found zero files matching "${pattern}" in ${appDirectory}.`);
  return files.sort();
};

/** Forgets the app's own CommonJS modules, so that loading an app again in one process registers it again. */
const evict = (require: NodeJS.Require, appDirectory: string): void => {
  for (const file of Object.keys(require.cache)) {
    const isOwn = file.startsWith(appDirectory + path.sep) && !file.includes(`${path.sep}node_modules${path.sep}`);
    if (isOwn) Reflect.deleteProperty(require.cache, file);
  }
};

const loadEntryFile = async (file: string, isModule: boolean, reloadQuery: string): Promise<void> => {
  const extension = path.extname(file);
  const isImport = [".mjs", ".mts", ".ts"].includes(extension) || (isModule && ![".cjs", ".cts"].includes(extension));
  try {
    if (isImport) await import(/* @vite-ignore */ pathToFileURL(file).href + reloadQuery);
    else createRequire(file)(file);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`Worker was unable to load entry point "${file}": ${reason}`, { cause: error });
  }
};

/**
 * Loads an app the way the Node worker does: entry files, `appStart` hooks, capabilities; then nothing more can be
 * registered. Source: azure-functions-nodejs-worker src/startApp.ts.
 * @throws when no file matches, an entry file throws, or the app asks for HTTP streaming
 */
export const loadApp = async (options: LoadAppOptions): Promise<LoadedApp> => {
  const appDirectory = path.resolve(options.appDirectory);
  const packageJson = await readPackageJson(appDirectory);
  const pattern = options.entry ?? packageJson.main;
  if (pattern === undefined)
    throw new Error(`${appDirectory} has no package.json with "main", and no entry was given.`);

  installFunctionsCore();
  const registration = new AppRegistration(options.log);
  const { isReload } = beginRegistration(registration);
  if (isReload) evict(createRequire(import.meta.url), appDirectory);
  const reloadQuery = isReload ? `?reload=${crypto.randomUUID()}` : "";
  for (const file of await findEntryFiles(appDirectory, pattern)) {
    await loadEntryFile(file, packageJson.type === "module", reloadQuery);
  }

  const { appHookData, hooks } = registration;
  await hooks.run("appStart", { hookData: {}, appHookData, functionAppDirectory: appDirectory });
  const model = programmingModel();
  const capabilities = await model.getCapabilities(defaultCapabilities());
  if (capabilities["HttpUri"] !== undefined) {
    throw new Error("app.setup({ enableHttpStream: true }) is not supported locally: remove it or use Core Tools.");
  }
  registration.lock();
  return { registration, model, terminate: () => hooks.run("appTerminate", { hookData: {}, appHookData }) };
};
