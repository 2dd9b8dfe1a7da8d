import { chmod, cp, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { BuildOptions, Plugin } from "esbuild";
import { build } from "esbuild";
import { writeBuilt } from "./write-built.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Parts of dockerode for engines far away and for building images: the host speaks with a local socket, and builds nothing. */
const unusedPackages = /^(ssh2|@grpc\/(grpc-js|proto-loader)|protobufjs)$/;

/** Native code, which no bundle can hold: it is laid beside, as its package is. */
const nativePackages = ["koffi", `@koromix/koffi-${process.platform}-${process.arch}`];
/** Sources, documents and whatever else koffi's package has that nothing loads. */
const isLoaded = (path: string): boolean => !/\/koffi\/(doc|vendor|cnoke\.cjs|CHANGELOG\.md)(\/|$)/.test(path);

const withoutUnused: Plugin = {
  name: "without-unused",
  setup(bundler) {
    bundler.onResolve({ filter: unusedPackages }, ({ path }) => ({ path, namespace: "unused" }));
    // Asked for when dockerode is loaded, used when somebody asks for what we do not: that fails by being undefined.
    bundler.onLoad({ filter: /.*/, namespace: "unused" }, () => ({ contents: "module.exports = {};" }));
  },
};

const options = {
  absWorkingDir: root,
  bundle: true,
  platform: "node",
  target: "node24",
  format: "esm",
  outExtension: { ".js": ".mjs" },
  // Names and lines stay, so that what the journal holds can be read.
  minifyWhitespace: false,
  sourcemap: "linked",
  sourcesContent: false,
  legalComments: "none",
  logLevel: "warning",
  external: ["koffi"],
  plugins: [withoutUnused],
  // Packages inside that are CommonJS ask for Node's own modules by `require`.
  banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
} as const satisfies BuildOptions;

/** The host, and beside it the programs that it starts: see relay-process.ts and probe-child.ts. */
const entries = {
  main: "sim-host/main.ts",
  "relay/main": "sim-host/links/relay/main.ts",
  "probe/main": "sim-host/runs/probe/main.ts",
};

const readVersion = async (): Promise<string> => {
  const raw: unknown = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
  return typeof raw === "object" && raw !== null && "version" in raw ? String(raw.version) : "0.0.0";
};

/**
 * Bundles the simulation host for a machine without TypeScript and without a registry. Native code is of the machine that
 * builds, which `release.json` names. `withNode`: Node itself is laid beside too, the one that runs this.
 */
export const buildSimHost = async (directory = join(root, "dist/sim-host"), withNode = false): Promise<void> => {
  const { outputFiles } = await build({ ...options, entryPoints: entries, outdir: directory, write: false });
  await Promise.all(outputFiles.map(({ path, contents }) => writeBuilt(path, contents)));
  for (const name of nativePackages) {
    const target = join(directory, "node_modules", name);
    await rm(target, { recursive: true, force: true });
    await cp(join(root, "node_modules", name), target, { recursive: true, dereference: true, filter: isLoaded });
  }
  // What an operator runs on the machine travels with what it installs.
  await rm(join(directory, "install"), { recursive: true, force: true });
  await cp(join(root, "infra/sim-host"), join(directory, "install"), { recursive: true });
  if (withNode) {
    await cp(process.execPath, join(directory, "bin/node"), { dereference: true });
    await chmod(join(directory, "bin/node"), 0o755);
  }
  const release = {
    version: await readVersion(),
    platform: process.platform,
    arch: process.arch,
    node: process.version,
  };
  await writeBuilt(join(directory, "release.json"), Buffer.from(`${JSON.stringify(release, undefined, 2)}\n`));
};

if (import.meta.main) await buildSimHost(undefined, process.argv.includes("--with-node"));
