import { readFile } from "node:fs/promises";
import type { OnResolveArgs, Plugin } from "esbuild";

/**
 * What `durable-functions` requires for calls over HTTP and for long timers. Leaves only: a package with state that the
 * app shares with it, such as `@azure/functions`, must stay in the one file.
 */
const durableLeaves: ReadonlySet<string> = new Set([
  "@opentelemetry/api",
  "axios",
  "debug",
  "lodash/cloneDeep",
  "moment",
  "uuid",
  "validator",
]);

const durableSource = /[\\/]durable-functions[\\/]lib[\\/]src[\\/].*\.js$/;

/** Packages with state that `main.cjs` and `app.cjs` must have in common. */
const sharedPackages: ReadonlySet<string> = new Set(["@azure/functions", "durable-functions"]);

const isBeside = ({ kind, path, importer }: OnResolveArgs): boolean =>
  kind === "dynamic-import" || sharedPackages.has(path) || (durableLeaves.has(path) && durableSource.test(importer));

const isBesidePackages = (args: OnResolveArgs): boolean => args.kind !== "dynamic-import" && isBeside(args);

const fileNameOf = (specifier: string): string => specifier.replace(/^@/, "").replaceAll(/\W+/g, "-");

const leaveOut = (
  packages: Map<string, string>,
  folder: string,
  isLeftOut: (args: OnResolveArgs) => boolean,
): Plugin => ({
  name: "packages-on-demand",
  setup: (bundle) => {
    bundle.onResolve({ filter: /^[^./]/ }, async (args) => {
      if (args.pluginData === leaveOut || !isLeftOut(args)) return undefined;
      const { kind, importer, resolveDir } = args;
      const found = await bundle.resolve(args.path, { kind, importer, resolveDir, pluginData: leaveOut });
      if (found.errors.length > 0 || found.external) return found;
      const name = fileNameOf(args.path);
      const known = packages.get(name) ?? found.path;
      if (known !== found.path) return { errors: [{ text: `${args.path} is needed in two versions: ${known}` }] };
      packages.set(name, found.path);
      return { path: `${folder}/${name}.cjs`, external: true };
    });
  },
});

/**
 * Leaves packages that are used on demand, or by several files, out of the bundle, to be loaded from a file of their own
 * beside it: V8 reads through every byte of a file before its first statement runs (about 40 ms for each MB), used or not.
 * @param packages filled with what was left out: file name without ending, and the path of the package's entry
 */
export const packagesOnDemand = (packages: Map<string, string>): Plugin => leaveOut(packages, "./packages", isBeside);

/** The same between those packages. */
export const packagesBeside = (packages: Map<string, string>): Plugin => leaveOut(packages, ".", isBesidePackages);

/** Leaves the app to a file of its own, which is loaded after everything is registered. */
export const appOnDemand: Plugin = {
  name: "app-on-demand",
  setup: (bundle) => {
    bundle.onResolve({ filter: /^\.\/app\.ts$/ }, ({ kind }) =>
      kind === "dynamic-import" ? { path: "./app.cjs", external: true } : undefined,
    );
  },
};

/** `const name = require("path");` at the start of a line, as TypeScript writes an import, becomes a function. */
export const deferRequires = (source: string): string => {
  const imported = /^const (\w+_\d+|cloneDeep|moment|debug|OpenTelemetryApi) = (require\("[^"]+"\));$/gm;
  const names = [...source.matchAll(imported)].map(([, name]) => name ?? "");
  const deferred = source.replace(imported, (_line, name: string, call: string) => `const ${name} = () => ${call};`);
  return names.reduce(
    (text, name) => text.replaceAll(new RegExp(`(?<![.\\w"/])${name}\\b(?! = \\(\\) =>)`, "g"), `(${name}())`),
    deferred,
  );
};

/** Lets `durable-functions` require its modules when it uses them; registering functions takes a few of them only. */
export const durableOnDemand: Plugin = {
  name: "durable-on-demand",
  setup: (bundle) => {
    bundle.onLoad({ filter: durableSource }, async ({ path }) => ({
      contents: deferRequires(await readFile(path, "utf8")),
      loader: "js",
    }));
  },
};

/** esbuild drops what is unused (messages in 50 languages) of a namespace only when it is imported as one. */
export const zodInParts: Plugin = {
  name: "zod-in-parts",
  setup: (bundle) => {
    bundle.onLoad({ filter: /\.ts$/ }, async ({ path }) => ({
      contents: (await readFile(path, "utf8")).replace('import { z } from "zod";', 'import * as z from "zod";'),
      loader: "ts",
    }));
  },
};
