import { runPart } from "../process/part.ts";

import { IdentityProviderConfig } from "./config.ts";
import { startIdentityProvider } from "./server.ts";

await runPart(IdentityProviderConfig, async (config) => {
  const { stop, ...ready } = await startIdentityProvider(config);
  return { ready, stop };
});
