import { z } from "zod";
import { runPart } from "../process/part.ts";
import { startFunctionsHost } from "./server.ts";

const NamedValues = z.record(z.string(), z.string());

const Config = z.strictObject({
  port: z.number().int().min(0).max(65_535),
  appDirectory: z.string().min(1),
  entry: z.string().min(1).optional(),
  dataDirectory: z.string().min(1),
  settings: NamedValues.default({}),
  storageConnectionString: z.string().min(1).optional(),
  keys: z
    .strictObject({
      master: z.string().min(1).optional(),
      functionKeys: NamedValues.optional(),
      keysOfFunctions: z.record(z.string(), NamedValues).optional(),
    })
    .optional(),
  auth: z.boolean().default(true),
  queueLeaseSeconds: z.number().int().min(1).max(604_800).optional(),
});

await runPart(Config, async (config) => {
  const host = await startFunctionsHost(config);
  return { ready: { url: host.url }, stop: host.stop };
});
