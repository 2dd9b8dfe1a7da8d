import { createHash } from "node:crypto";
import { readdir, readFile, rm } from "node:fs/promises";
import { extname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { unfinished, writeBuilt } from "./write-built.ts";

/** `base` is put before the paths of assets: the console is served at several paths, a Stack below a prefix. */
const pages = [
  { name: "console", base: "/console/" },
  { name: "stack", base: "./" },
  { name: "kits", base: "/kits/" },
  { name: "simulations", base: "/simulations/" },
] as const;

const root = resolve(import.meta.dirname, "..");

/** The dashboard's pages are written by the Functions app, which learns the hashed names from `page.json`. */
const dashboard = {
  directory: join(root, "web/admin"),
  script: "main.ts",
  style: "main.css",
  icon: "icon.svg",
} as const;

interface BuiltFile {
  /** Path below the page's directory, with `/`. */
  readonly path: string;
  readonly contents: Uint8Array;
}

/** Bundles the entries of a directory; gives the assets and, for each entry, the hashed path of what became of it. */
const bundle = async (directory: string, entries: readonly string[]) => {
  const { outputFiles, metafile } = await build({
    absWorkingDir: directory,
    entryPoints: [...entries],
    outdir: "out",
    entryNames: "assets/[name]-[hash]",
    chunkNames: "assets/[name]-[hash]",
    bundle: true,
    splitting: true,
    write: false,
    metafile: true,
    minify: true,
    format: "esm",
    target: ["chrome120", "firefox121", "safari17"],
    loader: { ".svg": "copy", ".yaml": "text" },
    legalComments: "none",
    logLevel: "warning",
  });
  const outputs = Object.entries(metafile.outputs).map(([output, { entryPoint, inputs }]) => ({
    path: output.replace(/^out\//, ""),
    // A copied file has no entry point of its own in esbuild's account.
    source: entryPoint ?? Object.keys(inputs)[0],
  }));
  const pathOf = (entry: string): string => {
    const built = outputs.find(({ source }) => source !== undefined && resolve("/", source) === resolve("/", entry));
    if (built === undefined) throw new Error(`${join(directory, entry)} is named by its page, but was not built.`);
    return built.path;
  };
  const assets = outputFiles.map(({ path, contents }) => ({ path: relative(join(directory, "out"), path), contents }));
  return { assets, pathOf };
};

const textFile = (path: string, text: string): BuiltFile => ({ path, contents: new TextEncoder().encode(text) });

/** Bundles everything that `index.html` names by a relative `src` or `href`; gives the page with the hashed names. */
const buildPage = async ({ name, base }: (typeof pages)[number]): Promise<readonly BuiltFile[]> => {
  const directory = join(root, "web", name);
  const html = await readFile(join(directory, "index.html"), "utf8");
  const entries = [...new Set([...html.matchAll(/(?:src|href)="\.\/([\w./-]+)"/g)].map(([, path = ""]) => path))];
  const { assets, pathOf } = await bundle(directory, entries);
  const page = entries.reduce((text, entry) => text.replaceAll(`"./${entry}"`, `"${base}${pathOf(entry)}"`), html);
  return [...assets, textFile("index.html", page)];
};

const buildDashboard = async (): Promise<readonly BuiltFile[]> => {
  const { directory, script, style, icon } = dashboard;
  const { assets, pathOf } = await bundle(directory, [script, style, icon]);
  const names = { script: pathOf(script), style: pathOf(style), icon: pathOf(icon) };
  return [...assets, manifestOf(assets), textFile("page.json", JSON.stringify(names))];
};

/** What the page's HTTP function may serve, and nothing else. */
const manifestOf = (files: readonly BuiltFile[]): BuiltFile => {
  const listed = files.map(({ path, contents }) => {
    return [path, { etag: `"${createHash("sha256").update(contents).digest("base64url").slice(0, 22)}"` }] as const;
  });
  return textFile("files.json", JSON.stringify(Object.fromEntries(listed)));
};

/** New files first and old ones last, so that a page that is being served stays whole. */
const writeFiles = async (directory: string, files: readonly BuiltFile[]): Promise<void> => {
  for (const { path, contents } of files) {
    await writeBuilt(join(directory, path), contents);
  }
  const wanted = new Set(files.map(({ path }) => path));
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    const file = join(entry.parentPath, entry.name);
    const isOld = entry.isFile() && !entry.name.endsWith(unfinished) && !wanted.has(relative(directory, file));
    if (isOld) await rm(file, { force: true });
  }
};

/** Builds the pages for people: `console`, `kits`, `simulations`, `stack` and `admin` below `outDirectory`. */
export const buildWeb = async (outDirectory = join(root, "dist/web")): Promise<void> => {
  await Promise.all([
    ...pages.map(async (page) => {
      const files = await buildPage(page);
      const all = page.name !== "stack" ? [...files, manifestOf(files)] : files;
      await writeFiles(join(outDirectory, page.name), all);
    }),
    buildDashboard().then((files) => writeFiles(join(outDirectory, "admin"), files)),
  ]);
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await buildWeb();
  for (const page of [...pages.map(({ name }) => name), "admin"]) {
    const assets = join(root, "dist/web", page, "assets");
    for (const name of await readdir(assets)) {
      const { byteLength } = await readFile(join(assets, name));
      console.log(`${page}/assets/${name} ${extname(name).slice(1)} ${(byteLength / 1000).toFixed(1)} kB`);
    }
  }
}
