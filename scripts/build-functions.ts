import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { BuildOptions } from "esbuild";
import { build } from "esbuild";
import { durableOnDemand, packagesOnDemand, zodInParts } from "./load-on-demand.ts";

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

/**
 * Bundles the Functions app as CommonJS: the same files run on Azure and on the local host. What every request needs is
 * in one file; packages that are imported on demand are beside it in `packages/`.
 */
export const buildFunctions = async (outFile = "dist/functions/main.cjs"): Promise<void> => {
  const packages = new Map<string, string>();
  await build({
    ...common,
    entryPoints: { [basename(outFile, ".cjs")]: "functions/main.ts" },
    outdir: dirname(outFile),
    outExtension: { ".js": ".cjs" },
    // Supplied by the Functions host at run time.
    external: ["@azure/functions-core"],
    // The files beside are CommonJS as well, and required.
    supported: { "dynamic-import": false },
    plugins: [packagesOnDemand(packages), durableOnDemand, zodInParts],
  });
  await build({
    ...common,
    entryPoints: Object.fromEntries(packages),
    outdir: join(dirname(outFile), "packages"),
    outExtension: { ".js": ".cjs" },
  });
};
