import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { BuildOptions } from "esbuild";
import { build } from "esbuild";
import { describeFunctions } from "./function-manifest.ts";
import { writeBuilt } from "./write-built.ts";
import { appOnDemand, durableOnDemand, packagesBeside, packagesOnDemand, zodInParts } from "./load-on-demand.ts";

const common = {
  absWorkingDir: fileURLToPath(new URL("..", import.meta.url)),
  bundle: true,
  platform: "node",
  target: "node22",
  format: "cjs",
  // Names stay as they are: stack traces and error classes keep theirs, and nothing has to be put right at load time.
  minifyWhitespace: true,
  minifySyntax: true,
  sourcemap: "linked",
  sourcesContent: false,
  legalComments: "none",
  logLevel: "warning",
} as const satisfies BuildOptions;

/** Modules that ask for their own address get the bundle's; esbuild would leave it undefined in CommonJS. */
const ownAddress = {
  define: { "import.meta.url": "bundleAddress" },
  banner: { js: 'const bundleAddress = require("node:url").pathToFileURL(__filename).href;' },
} as const satisfies BuildOptions;

const buildAndWrite = async (options: BuildOptions): Promise<void> => {
  const { outputFiles } = await build({ ...options, write: false });
  await Promise.all(outputFiles.map(({ path, contents }) => writeBuilt(path, contents)));
};

/**
 * Bundles the Functions app as CommonJS: the same files run on Azure and on the local host. `main.cjs` registers the
 * functions, `app.cjs` does their work, `packages/` holds what both share and what is imported on demand.
 */
export const buildFunctions = async (directory = "dist/functions"): Promise<void> => {
  const packages = new Map<string, string>();
  const shared = {
    ...common,
    outdir: directory,
    outExtension: { ".js": ".cjs" },
    // Supplied by the Functions host at run time.
    external: ["@azure/functions-core"],
  } satisfies BuildOptions;
  await buildAndWrite({
    ...shared,
    entryPoints: ["functions/main.ts", "functions/app.ts"],
    // The files beside are CommonJS as well, and required.
    supported: { "dynamic-import": false },
    define: { functionManifest: JSON.stringify(describeFunctions()) },
    plugins: [appOnDemand, packagesOnDemand(packages), zodInParts],
  });
  const built = new Set<string>();
  while (built.size < packages.size) {
    const entries = [...packages].filter(([name]) => !built.has(name));
    await buildAndWrite({
      ...shared,
      ...ownAddress,
      entryPoints: Object.fromEntries(entries),
      outdir: join(directory, "packages"),
      plugins: [packagesBeside(packages), durableOnDemand],
    });
    for (const [name] of entries) built.add(name);
  }
};
