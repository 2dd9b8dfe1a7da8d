import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { buildFunctions } from "../scripts/build-functions.ts";
import { buildWeb } from "../scripts/build-web.ts";
import { dashboardFirstContent } from "./dashboard-first-content.ts";
import { bundleLoad } from "./bundle-load.ts";
import { catalogMigration } from "./catalog-migration.ts";
import { catalogSearch } from "./catalog-search.ts";
import { flagEvaluation } from "./flag-evaluation.ts";
import type { Pair, PairResult } from "./harness.ts";
import { runPair, tableOf, valueText } from "./harness.ts";
import { healthRound } from "./health-round.ts";
import { healthRules } from "./health-rules.ts";
import { hostOverhead } from "./host-overhead.ts";
import { openBenchPlatform } from "./bench-platform.ts";
import { openBenchEngine } from "./bench-sim-host.ts";
import { instanceProvisioning } from "./instance-provisioning.ts";
import { kitLint } from "./kit-lint.ts";
import { kitValidate } from "./kit-validate.ts";
import { kitsApi } from "./kits-api.ts";
import { simulationCycles } from "./simulation-cycles.ts";
import { simulationLinks } from "./simulation-links.ts";
import { simulationList } from "./simulation-list.ts";
import { simulationNetworks } from "./simulation-networks.ts";
import { simulationStart } from "./simulation-start.ts";
import { ssoExchange } from "./sso-exchange.ts";
import { tenantProvisioning } from "./tenant-provisioning.ts";
import { wallTestRound } from "./wall-test-round.ts";
import { webhookAccept } from "./webhook-accept.ts";

const { values } = parseArgs({
  options: { json: { type: "boolean", default: false }, only: { type: "string", default: "" } },
});
const note = (line: string): void => console.error(`bench: ${line}`);

type Measure = (pair: Pair) => Promise<void>;

/** Simulations need root and a Docker engine, the machine's or one that is started for them; without, they are left out. */
const measureSimulations = async (measure: Measure): Promise<void> => {
  const engine = await openBenchEngine();
  if (engine === undefined) {
    note("simulations are left out: there is no Docker engine for them, see above");
    return;
  }
  try {
    for (const pair of simulationStart(engine)) await measure(pair);
    await measure(simulationList(engine));
    await measure(simulationLinks(engine));
    await measure(wallTestRound(engine));
    await measure(simulationNetworks(engine, note));
    for (const pair of simulationCycles(engine, note)) await measure(pair);
  } finally {
    await engine.close();
  }
};

const measureAll = async (directory: string): Promise<readonly PairResult[]> => {
  const results: PairResult[] = [];
  const measure: Measure = async (pair) => {
    if (!pair.name.includes(values.only)) return;
    note(`${pair.name}, ${pair.rounds} rounds ...`);
    const result = await runPair(pair);
    note(`${pair.name}: ${valueText(result)}`);
    results.push(result);
  };
  // What needs no platform comes first, while nothing else of ours is running.
  for (const pair of bundleLoad(directory)) await measure(pair);
  await measure(hostOverhead());
  for (const pair of [healthRules(), flagEvaluation(), kitLint(), kitValidate(), healthRound()]) await measure(pair);
  for (const pair of kitsApi()) await measure(pair);
  for (const pair of [webhookAccept(), catalogMigration(directory)]) await measure(pair);
  await measureSimulations(measure);
  const platform = await openBenchPlatform(directory, note);
  try {
    await measure(dashboardFirstContent(platform));
    await measure(tenantProvisioning(platform));
    await measure(ssoExchange(platform));
    await measure(catalogSearch(platform));
    // Last: it leaves instances behind, which the others would share the machine with.
    await measure(instanceProvisioning(platform, directory));
  } finally {
    await platform.close();
  }
  return results;
};

const directory = await mkdtemp(join(tmpdir(), "kombify-bench-"));
const results = await Promise.all([buildFunctions(), buildWeb()])
  .then(() => measureAll(directory))
  .catch((error: unknown) => {
    note(`it failed; the parts' logs are kept in ${directory}`);
    throw error;
  });
await rm(directory, { recursive: true, force: true });
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
