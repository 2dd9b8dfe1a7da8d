import { z } from "zod";
import { runPart } from "../process/part.ts";
import { startResourceManager } from "./resource-manager.ts";

const Config = z.object({
  port: z.number().int(),
  dataDirectory: z.string(),
  pocketbasePath: z.string(),
  pocketbaseVersion: z.string().optional(),
  hooksDirectory: z.string().optional(),
  publicDirectory: z.string().optional(),
  publicBaseUrl: z.url(),
  acceptedToken: z.string().min(1),
  resourceGroups: z.array(z.object({ subscriptionId: z.string(), name: z.string(), location: z.string() })).default([]),
  instanceEnvironment: z.record(z.string(), z.string()).default({}),
});

await runPart(Config, async (config) => {
  const manager = await startResourceManager({ ...config, log: (line) => console.error(`resource-manager: ${line}`) });
  return { ready: { url: manager.url }, stop: manager.stop };
});
