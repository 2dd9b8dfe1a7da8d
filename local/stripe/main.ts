import { runPart } from "../process/part.ts";
import { StripeConfig } from "./config.ts";
import { startStripe } from "./server.ts";

await runPart(StripeConfig, async (config) => {
  const { stop, ...ready } = await startStripe(config);
  return { ready, stop };
});
