import { z } from "zod";
import { runPart } from "../process/part.ts";
import { startGateway } from "./gateway.ts";

const Config = z.strictObject({
  port: z.int().min(0).max(65535),
  host: z.string().default("127.0.0.1"),
  kongConfigFile: z.string(),
  serviceUrls: z.record(z.string(), z.url()),
  absentServices: z.record(z.string(), z.string()).optional(),
  stackResolverUrl: z.url().optional(),
  vault: z.record(z.string(), z.string()),
  corsOrigins: z.array(z.string()).optional(),
});

await runPart(Config, async ({ absentServices, stackResolverUrl, corsOrigins, ...config }) => {
  const { url, stop } = await startGateway({
    ...config,
    ...(absentServices === undefined ? {} : { absentServices }),
    ...(stackResolverUrl === undefined ? {} : { stackResolverUrl }),
    ...(corsOrigins === undefined ? {} : { corsOrigins }),
  });
  return { ready: { url }, stop };
});
