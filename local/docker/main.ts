import { setInterval } from "node:timers";
import { z } from "zod";
import { runPart } from "../process/part.ts";
import { endPrivateEngine, startPrivateEngine } from "./private-engine.ts";

/** Facts: `socketPath`, `version`, and `networkNamespace` for `nsenter --net=`. All hold over restarts of the part. */
const Config = z.object({
  dataDirectory: z.string().min(1),
  network: z.enum(["machine", "own"]).default("machine"),
});

const watchIntervalMilliseconds = 250;

await runPart(Config, async (config) => {
  let isStopping = false;
  // The engine outlives this process, so a stop that comes before it is ready must not leave it behind.
  const giveUp = (): void => {
    isStopping = true;
    const leave = (): never => process.exit(1);
    endPrivateEngine(config.dataDirectory).then(leave, leave);
  };
  process.once("SIGTERM", giveUp).once("disconnect", giveUp);
  const { socketPath, version, networkNamespace, isAlive, stop } = await startPrivateEngine(config);
  process.off("SIGTERM", giveUp).off("disconnect", giveUp);
  // It may be another start's child, of whose end nobody is told.
  setInterval(() => {
    if (isStopping || isAlive()) return;
    console.error("dockerd ended");
    process.exit(1);
  }, watchIntervalMilliseconds);
  return {
    ready: { socketPath, version, networkNamespace },
    stop: async () => {
      isStopping = true;
      await stop();
    },
  };
});
