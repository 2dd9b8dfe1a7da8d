import { execFile } from "node:child_process";
import { cp, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { build } from "esbuild";
import type { Pair } from "./harness.ts";

const execute = promisify(execFile);

/** The smallest app there is: one HTTP function, nothing but `@azure/functions` (no Durable), bundled and minified. */
const emptyApp = `
const { app } = require("@azure/functions");
app.http("empty", { route: "empty", methods: ["GET"], authLevel: "anonymous", handler: async () => ({ status: 200 }) });
`;

/** The smallest app with a workflow, as its authors would bundle it: what any Durable app pays before it does anything. */
const emptyDurableApp = `${emptyApp}
const durable = require("durable-functions");
durable.app.activity("nothing", { handler: () => null });
durable.app.orchestration("empty", function* (context) { yield context.df.callActivity("nothing"); });
`;

/** Loads a bundle in a process of its own as a worker does, opens the app if asked to, and prints the milliseconds it took. */
const loader = `
const Module = require("node:module");
const load = Module._load;
const core = { version: "3", hostVersion: "4", setProgrammingModel() {}, getProgrammingModel() {}, log() {},
  registerFunction: () => ({ dispose() {} }), registerHook: () => ({ dispose() {} }), Disposable: class { dispose() {} } };
Module._load = (name, ...rest) => (name === "@azure/functions-core" ? core : load(name, ...rest));
const begin = performance.now();
const [bundle, app] = process.argv.slice(2);
require(bundle);
if (app) require(app).openApp();
process.stdout.write(String(performance.now() - begin), () => process.exit(0));
`;

const settings = (directory: string): NodeJS.ProcessEnv => ({
  PUBLIC_BASE_URL: "http://localhost:1",
  STACK_DOMAIN: "stack.localhost",
  OIDC_ISSUER: "http://localhost:1",
  OIDC_JWKS_URI: "http://localhost:1/keys",
  OIDC_PROJECT_ID: "project",
  OIDC_CONSOLE_CLIENT_ID: "console",
  OIDC_DASHBOARD_CLIENT_ID: "dashboard",
  OPERATOR_ORG_ID: "operators",
  DOCUMENTS: "cosmos",
  COSMOS_ENDPOINT: "http://localhost:1",
  COSMOS_DATABASE: "kombify",
  SECRETS_DIRECTORY: join(directory, "secrets"),
  QUEUE_SERVICE_URL: "https://storage.queue.core.windows.net",
  DEFAULT_REGION: "westeurope",
  AZURE_SUBSCRIPTION_ID: "subscription",
  AZURE_RESOURCE_GROUP: "group",
  BICEP_TEMPLATE_URL: "http://localhost:1/stack-instance.json",
});

interface Load {
  readonly name: string;
  readonly baseline: string;
  readonly source: string;
  readonly max: number;
  /** Whether the app behind the registered functions counts, which a worker opens after it has answered the host. */
  readonly opensApp: boolean;
}

/**
 * How long a worker needs to load our bundle, against the emptiest app: the part of a cold start that is ours. With the
 * settings of Azure (Cosmos DB, which connects on first use; SQLite is for this machine only), each time in a new
 * process, with no compile cache and no `node_modules` in reach. Reading the files and compiling them count.
 */
const loadAgainst = (directory: string, { name, baseline, source, max, opensApp }: Load): Pair => ({
  name: `${name}, against ${baseline}`,
  bound: { kind: "ratio", max },
  measured: "our bundle",
  baseline,
  rounds: 31,
  warmUp: 3,
  open: async () => {
    const folder = join(directory, "load");
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, "loader.cjs"), loader);
    const empty = join(folder, "empty.cjs");
    await build({
      stdin: { contents: source, resolveDir: process.cwd() },
      outfile: empty,
      bundle: true,
      platform: "node",
      target: "node22",
      format: "cjs",
      minify: true,
      external: ["@azure/functions-core"],
    });
    const ours = join(folder, "ours");
    await cp("dist/functions", ours, { recursive: true });
    const load = async (...files: readonly string[]): Promise<number> => {
      const env = { PATH: process.env["PATH"], ...settings(folder) };
      const { stdout } = await execute(process.execPath, [join(folder, "loader.cjs"), ...files], { env });
      return Number(stdout);
    };
    const files = [join(ours, "main.cjs"), ...(opensApp ? [join(ours, "app.cjs")] : [])];
    return { measure: () => load(...files), compare: () => load(empty), close: () => Promise.resolve() };
  },
});

export const bundleLoad = (directory: string): readonly Pair[] => [
  loadAgainst(directory, {
    name: "bundle load",
    baseline: "an empty app",
    source: emptyApp,
    max: 2,
    opensApp: false,
  }),
  loadAgainst(directory, {
    name: "bundle load and the app behind it",
    baseline: "an empty Durable app",
    source: emptyDurableApp,
    max: 1,
    opensApp: true,
  }),
];
