import { build } from "esbuild";

/** Bundles the Functions app into one CommonJS file: the same one runs on Azure and on the local host. */
export const buildFunctions = async (outFile = "dist/functions/main.cjs"): Promise<void> => {
  await build({
    entryPoints: ["functions/main.ts"],
    outfile: outFile,
    bundle: true,
    platform: "node",
    target: "node22",
    format: "cjs",
    minify: true,
    keepNames: true,
    sourcemap: "linked",
    sourcesContent: false,
    legalComments: "none",
    // Supplied by the Functions host at run time.
    external: ["@azure/functions-core"],
    logLevel: "warning",
  });
};
