import { readFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";

export type Environment = Readonly<Record<string, string | undefined>>;

const LocalSettings = z.looseObject({
  IsEncrypted: z.boolean().optional(),
  Values: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]).transform(String)).optional(),
});

/** Reads a JSON file of the app. @returns undefined when it does not exist */
export const readJsonFile = async (file: string): Promise<unknown> => {
  try {
    return JSON.parse((await readFile(file, "utf8")).replace(/^\uFEFF/, ""));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw new Error(`Cannot read ${file}`, { cause: error });
  }
};

/** `Values` of the app's local.settings.json; none when there is no such file. @throws when they are encrypted */
export const readLocalSettings = async (appDirectory: string): Promise<Readonly<Record<string, string>>> => {
  const content = await readJsonFile(path.join(appDirectory, "local.settings.json"));
  if (content === undefined) return {};
  const { IsEncrypted, Values } = LocalSettings.parse(content);
  if (IsEncrypted === true) throw new Error("An encrypted local.settings.json is not supported locally.");
  return Values ?? {};
};

export interface AppEnvironmentSources {
  /** The environment the process was started with. */
  readonly inherited: Environment;
  readonly localSettings: Readonly<Record<string, string>>;
  /** Given by whoever starts the host; they win over everything. */
  readonly settings: Readonly<Record<string, string>>;
  readonly storageConnectionString: string | undefined;
  /** `name:port` the host listens on. Without it the Durable SDK points every link at port 7071. */
  readonly hostName: string;
}

/** The environment the app shall see: inherited names win over local.settings.json, as with Core Tools. */
export const appEnvironment = (sources: AppEnvironmentSources): Environment => ({
  ...sources.localSettings,
  FUNCTIONS_WORKER_RUNTIME: "node",
  AZURE_FUNCTIONS_ENVIRONMENT: "Development",
  ...sources.inherited,
  WEBSITE_HOSTNAME: sources.hostName,
  ...(sources.storageConnectionString === undefined ? {} : { AzureWebJobsStorage: sources.storageConnectionString }),
  ...sources.settings,
});

/** Gives the process this environment. @returns a function that puts the former one back */
export const applyEnvironment = (environment: Environment): (() => void) => {
  const before = new Map<string, string | undefined>();
  const set = (name: string, value: string | undefined): void => {
    if (value === undefined) Reflect.deleteProperty(process.env, name);
    else process.env[name] = value;
  };
  for (const [name, value] of Object.entries(environment)) {
    if (process.env[name] === value) continue;
    before.set(name, process.env[name]);
    set(name, value);
  }
  return () => {
    for (const [name, value] of before) set(name, value);
  };
};

/** Replaces `%NAME%` in a trigger option by the app setting. @throws when there is no such setting */
export const resolvePercentNames = (text: string, environment: Environment): string =>
  text.replace(/%([^%]+)%/g, (whole, name: string) => {
    const value = environment[name];
    if (value === undefined) throw new Error(`'${whole}' does not resolve to a value.`);
    return value;
  });

/** `AzureWebJobs.<name>.Disabled` = true or 1. */
export const isFunctionDisabled = (functionName: string, environment: Environment): boolean =>
  /^(true|1)$/i.test(environment[`AzureWebJobs.${functionName}.Disabled`] ?? "");
