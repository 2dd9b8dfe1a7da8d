import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { stop } from "esbuild";
import { z } from "zod";
import { buildFunctions } from "../scripts/build-functions.ts";
import { buildWeb } from "../scripts/build-web.ts";
import type { UpArguments } from "./arguments.ts";
import { readArguments, usage } from "./arguments.ts";
import { emptyData, lockData, openData } from "./data-lock.ts";
import { consoleClientId, operatorOrgId, seededAccounts } from "./identity-provider/seed.ts";
import { readOperatorSettings } from "./operator-settings.ts";
import { makeApiClient } from "./journey/api-client.ts";
import type { JourneyOptions } from "./journey/journey.ts";
import { runJourney } from "./journey/journey.ts";
import { listInstances } from "./journey/operator-steps.ts";
import { signIn } from "./journey/sign-in.ts";
import { chooseDockerEngine } from "./docker/find-engine.ts";
import { endPrivateEngine } from "./docker/private-engine.ts";
import type { Platform } from "./platform.ts";
import { startPlatform } from "./platform.ts";
import { findPocketBase } from "./pocketbase/find-pocketbase.ts";
import type { Reporter } from "./report.ts";
import { accountLines, makeReporter } from "./report.ts";
import type { SimulationsChoice } from "./simulations.ts";
import type { Keys } from "./settings.ts";
import { readKeys, withFreePorts } from "./settings.ts";

const accountOf = (orgId: string | undefined, name: string) => {
  const found = seededAccounts.find((account) => account.orgId === orgId || account.organisation === name);
  if (found === undefined) throw new Error(`Nobody of ${name} is seeded.`);
  return found;
};

const addressOf = ({ gateway, identityProvider }: Platform) => ({
  issuer: identityProvider,
  clientId: consoleClientId,
  redirectUri: `${gateway}/callback`,
});

/** Where simulations cannot run, everything else does. */
const chooseSimulations = async (
  { withoutSimulations }: UpArguments,
  dataDirectory: string,
  report: Reporter,
): Promise<SimulationsChoice> => {
  if (withoutSimulations) return { kind: "off", reason: "The platform was started without them." };
  const onProgress = (line: string): void => report.line(line);
  const choice = await chooseDockerEngine({ dataDirectory: join(dataDirectory, "docker"), onProgress });
  if (choice.kind === "absent") return { kind: "off", reason: choice.reason };
  if (choice.kind === "private" || choice.missingTools.length === 0) return choice;
  return {
    kind: "off",
    reason: `This machine lacks ${choice.missingTools.join(", ")}: install them, or start as root.`,
  };
};

const setUp = async (args: UpArguments, dataDirectory: string, report: Reporter) => {
  const settings = readOperatorSettings(process.env);
  report.heading("Setting up");
  // Not side by side: both may ask the package manager.
  const simulations = await chooseSimulations(args, dataDirectory, report);
  const [pocketbase] = await Promise.all([
    findPocketBase({ onProgress: (line) => report.line(line) }),
    buildFunctions(),
    buildWeb(),
  ]);
  if (simulations.kind === "off") report.line(`Without simulations. ${simulations.reason}`);
  if (simulations.kind === "machine") report.line(`Docker ${simulations.version} of this machine, for simulations`);
  report.line(`PocketBase ${pocketbase.version} (${pocketbase.source}); the app and its pages are built`);
  // Otherwise its service process lives as long as the platform.
  await stop();
  return { pocketbase, settings, simulations, keys: readKeys(dataDirectory) };
};

const journeyOf = (platform: Platform, report: Reporter): JourneyOptions => ({
  gateway: platform.gateway,
  signIn: addressOf(platform),
  operator: accountOf(operatorOrgId, "kombify"),
  acme: accountOf(undefined, "Acme"),
  globex: accountOf(undefined, "Globex"),
  hasSimulations: platform.simHost !== undefined,
  onStep: ({ title, detail, milliseconds }) => report.step(title, detail, milliseconds),
});

const printTable = (platform: Platform, dataDirectory: string, report: Reporter): void => {
  report.heading("Open in a browser");
  report.line(`${"Console".padEnd(20)} ${platform.gateway}/`);
  if (platform.simHost !== undefined) report.line(`${"Simulations".padEnd(20)} ${platform.gateway}/simulations`);
  report.line(`${"Sign-in".padEnd(20)} ${platform.identityProvider}/.well-known/openid-configuration`);
  report.line(`${"Functions app".padEnd(20)} ${platform.functions}/health`);
  report.line(`${"Resource manager".padEnd(20)} ${platform.resourceManager}/dev/instances`);
  report.line(`${"Stripe's stand-in".padEnd(20)} ${platform.stripe}/dev/state`);
  report.line(`${"Data and logs".padEnd(20)} ${dataDirectory}`);
  report.heading("Accounts (e-mail, password, organisation, roles)");
  accountLines(seededAccounts).forEach((line) => report.line(line));
};

const askTimeoutMilliseconds = 5_000;
const Whereabouts = z.array(z.object({ name: z.string(), internalEndpoint: z.string().nullable() }));

/** Where the instances listen now: what their documents say may be of an earlier start. */
const findInstances = async ({ resourceManager }: Platform): Promise<z.infer<typeof Whereabouts>> => {
  const signal = AbortSignal.timeout(askTimeoutMilliseconds);
  return Whereabouts.parse(await (await fetch(`${resourceManager}/dev/instances`, { signal })).json());
};

/** The contract for scripts: docs/local-platform.md. */
const describe = async (platform: Platform, keys: Keys, dataDirectory: string): Promise<string> => {
  const token = await signIn(addressOf(platform), accountOf(operatorOrgId, "kombify"));
  const instances = await listInstances(makeApiClient(platform.gateway), token);
  const found = await findInstances(platform);
  const endpointOf = (id: string) => found.find(({ name }) => name === id)?.internalEndpoint ?? null;
  const accounts = seededAccounts.map(({ email, password, name, organisation, orgId, roles }) => {
    return { email, password, name, organisation, orgId, roles };
  });
  const { gateway, functions, identityProvider, blob, resourceManager, simHost } = platform;
  return JSON.stringify({
    ...(simHost === undefined ? {} : { simHost }),
    ...{ gateway, functions, identityProvider, blob, resourceManager, dataDir: dataDirectory, accounts },
    instances: instances.map(({ id, publicEndpoint }) => ({ id, publicEndpoint, internalEndpoint: endpointOf(id) })),
    keys: { gateway: keys.gateway, master: keys.master },
    stripe: platform.stripe,
    webhooks: { stripeSecret: keys.stripeWebhook, zitadelSigningKey: keys.zitadelWebhook },
    pids: platform.pids(),
  });
};

/** What shells expect of a program that was stopped by Ctrl-C. */
const interrupted = 130;

const untilStopped = (): Promise<undefined> =>
  new Promise((done) => {
    process.once("SIGINT", () => done(undefined));
    process.once("SIGTERM", () => done(undefined));
  });

const run = async (args: UpArguments, dataDirectory: string, report: Reporter): Promise<number> => {
  const stopped = untilStopped();
  const ready = await Promise.race([setUp(args, dataDirectory, report), stopped]);
  if (ready === undefined) return interrupted;
  const { pocketbase, settings, simulations, keys } = ready;
  report.heading("Starting the platform");
  const onEvent = (line: string): void => report.line(line);
  const { started: platform, letGo } = await withFreePorts(dataDirectory, (ports) =>
    startPlatform({ dataDirectory, ports, keys, host: args.host, pocketbase, settings, simulations, onEvent }),
  );
  try {
    report.heading("What kombify does, done through the gateway");
    const journey = runJourney(journeyOf(platform, report)).then(() => "done" as const);
    if ((await Promise.race([journey, stopped])) !== "done") return interrupted;
    if (args.json) process.stdout.write(`${await describe(platform, keys, dataDirectory)}\n`);
    if (args.once) return 0;
    printTable(platform, dataDirectory, report);
    report.line("\n  Ctrl-C stops everything; the next npm start goes on with the same data.");
    await stopped;
    return 0;
  } finally {
    report.heading("Stopping");
    await platform.stop();
    await letGo();
  }
};

const main = async (): Promise<number> => {
  const args = readArguments(process.argv.slice(2));
  if (args.help) {
    console.log(usage);
    return 0;
  }
  const report = makeReporter(args.json ? process.stderr : process.stdout);
  const dataDirectory = resolve(args.dataDirectory.replace(/^~(?=\/)/, homedir()));
  // Databases and logs are the user's own, also in a directory that others may read.
  process.umask(0o077);
  openData(dataDirectory);
  const unlock = lockData(dataDirectory);
  try {
    if (args.reset) {
      await endPrivateEngine(join(dataDirectory, "docker"));
      emptyData(dataDirectory);
    }
    return await run(args, dataDirectory, report);
  } catch (error) {
    report.line(
      `\nThe parts' logs are in ${join(dataDirectory, "logs")}. With --reset the platform starts with new data.`,
    );
    throw error;
  } finally {
    unlock();
  }
};

const exitCode = await main().catch((error: unknown) => {
  console.error(`\nnpm start failed: ${error instanceof Error ? error.message : String(error)}`);
  return 1;
});
// A journey that was interrupted may still wait for parts that are gone.
process.exit(exitCode);
