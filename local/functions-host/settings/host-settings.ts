import path from "node:path";
import { z } from "zod";
import { type Environment, readJsonFile } from "./environment.ts";
import { parseTimeSpan } from "./time-span.ts";

const overridePrefix = "AzureFunctionsJobHost__";
const defaultFunctionTimeoutMilliseconds = 30 * 60 * 1000;
const defaultBodyLimitBytes = 104_857_600;

const TimeSpan = z.string().transform((text, context) => {
  const milliseconds = parseTimeSpan(text);
  if (milliseconds !== undefined) return milliseconds;
  context.addIssue({ code: "custom", message: `"${text}" is no time span hh:mm:ss` });
  return z.NEVER;
});

const Queues = z.looseObject({
  batchSize: z.coerce.number().int().min(1).max(32).default(16),
  newBatchThreshold: z.coerce.number().int().min(0).optional(),
  maxDequeueCount: z.coerce.number().int().min(1).default(5),
  visibilityTimeout: TimeSpan.default(0),
  // One minute in Azure; the real host takes two seconds in the Development environment.
  maxPollingInterval: TimeSpan.default(2000),
  messageEncoding: z.enum(["base64", "none"]).default("base64"),
});

const HostJson = z.looseObject({
  version: z.literal("2.0"),
  functionTimeout: z
    .union([z.literal("-1").transform(() => undefined), TimeSpan])
    .default(defaultFunctionTimeoutMilliseconds),
  extensions: z
    .looseObject({
      http: z.looseObject({ routePrefix: z.string().default("api") }).prefault({}),
      queues: Queues.prefault({}),
      durableTask: z.looseObject({ hubName: z.string().default("TestHubName") }).prefault({}),
    })
    .prefault({}),
  logging: z.looseObject({ logLevel: z.record(z.string(), z.string()).default({}) }).prefault({}),
});

export interface QueueSettings {
  readonly batchSize: number;
  readonly newBatchThreshold: number;
  readonly maxDequeueCount: number;
  readonly visibilityTimeoutMilliseconds: number;
  readonly maxPollingIntervalMilliseconds: number;
  readonly messageEncoding: "base64" | "none";
}

/** What host.json says, after overrides from the environment, with the real host's defaults. */
export interface HostSettings {
  readonly routePrefix: string;
  /** `undefined` = no limit. */
  readonly functionTimeoutMilliseconds: number | undefined;
  readonly bodyLimitBytes: number;
  readonly queues: QueueSettings;
  readonly durableHubName: string;
  /** Lowest level to log, by category or its beginning. */
  readonly logLevels: Readonly<Record<string, string>>;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A copy of `tree` with the value at `keys`, which are compared without regard to case, as .NET does. */
const withValue = (tree: unknown, keys: readonly string[], value: string): unknown => {
  const [first, ...rest] = keys;
  if (first === undefined) return value;
  const object = isObject(tree) ? tree : {};
  const key = Object.keys(object).find((name) => name.toLowerCase() === first.toLowerCase()) ?? first;
  return { ...object, [key]: withValue(object[key], rest, value) };
};

const withOverrides = (hostJson: unknown, environment: Environment): unknown => {
  let result = hostJson;
  for (const [name, value] of Object.entries(environment)) {
    const isOverride = name.toLowerCase().startsWith(overridePrefix.toLowerCase());
    if (!isOverride || value === undefined) continue;
    result = withValue(result, name.slice(overridePrefix.length).split("__"), value);
  }
  return result;
};

const bodyLimit = (environment: Environment): number => {
  const text = environment["FUNCTIONS_REQUEST_BODY_SIZE_LIMIT"];
  return text === undefined ? defaultBodyLimitBytes : z.coerce.number().int().positive().parse(text);
};

/** @throws when host.json is missing or says something the host cannot follow */
export const readHostSettings = async (appDirectory: string, environment: Environment): Promise<HostSettings> => {
  const file = path.join(appDirectory, "host.json");
  const content = await readJsonFile(file);
  if (content === undefined) throw new Error(`${file} does not exist.`);
  const parsed = HostJson.safeParse(withOverrides(content, environment));
  if (!parsed.success) throw new Error(`${file} is not valid: ${z.prettifyError(parsed.error)}`);
  const { extensions, functionTimeout, logging } = parsed.data;
  const { queues } = extensions;
  return {
    routePrefix: extensions.http.routePrefix,
    functionTimeoutMilliseconds: functionTimeout,
    bodyLimitBytes: bodyLimit(environment),
    queues: {
      batchSize: queues.batchSize,
      newBatchThreshold: queues.newBatchThreshold ?? Math.floor(queues.batchSize / 2),
      maxDequeueCount: queues.maxDequeueCount,
      visibilityTimeoutMilliseconds: queues.visibilityTimeout,
      maxPollingIntervalMilliseconds: queues.maxPollingInterval,
      messageEncoding: queues.messageEncoding,
    },
    durableHubName: extensions.durableTask.hubName,
    logLevels: logging.logLevel,
  };
};
