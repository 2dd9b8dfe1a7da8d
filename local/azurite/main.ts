import { z } from "zod";
import { runPart } from "../process/part.ts";
import { startAzurite } from "./azurite.ts";

const Config = z.object({
  blobPort: z.number().int().default(0),
  queuePort: z.number().int().default(0),
  dataDirectory: z.string().min(1),
});

await runPart(Config, async (config) => {
  const { stop, ...facts } = await startAzurite(config);
  return { ready: facts, stop };
});
