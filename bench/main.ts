import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { buildFunctions } from "../scripts/build-functions.ts";
import { buildWeb } from "../scripts/build-web.ts";
import { bundleLoad } from "./bundle-load.ts";
import type { PairResult } from "./harness.ts";
import { runPair, tableOf } from "./harness.ts";
import { hostOverhead } from "./host-overhead.ts";
import { openBenchPlatform } from "./bench-platform.ts";
import { ssoExchange } from "./sso-exchange.ts";
import { tenantProvisioning } from "./tenant-provisioning.ts";

const { values } = parseArgs({ options: { json: { type: "boolean", default: false } } });
const directory = await mkdtemp(join(tmpdir(), "kombify-bench-"));
await Promise.all([buildFunctions(), buildWeb()]);

const results: PairResult[] = [];
const platform = await openBenchPlatform(directory);
try {
  for (const pair of [bundleLoad(directory), hostOverhead(), tenantProvisioning(platform), ssoExchange(platform)]) {
    console.error(`measuring: ${pair.name} (${pair.rounds} rounds)`);
    results.push(await runPair(pair));
  }
} finally {
  await platform.close();
  await rm(directory, { recursive: true, force: true });
}
console.log(
  values.json
    ? JSON.stringify(
        results.map(({ pair, measured, baseline, value, isReached }) => ({
          name: pair.name,
          bound: pair.bound,
          measured,
          baseline,
          value,
          isReached,
        })),
      )
    : `\n${tableOf(results)}`,
);
process.exitCode = results.every(({ isReached }) => isReached) ? 0 : 1;
