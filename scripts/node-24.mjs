// Plain JavaScript on purpose: this and its two callers must run on the Node a machine happens to have (20 or newer)
// before anything is installed.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, lstatSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));
const stamp = `${root}node_modules/.kombify-lock`;
const node24 = `${root}node_modules/node/bin/node`;
const wanted = createHash("sha256")
  .update(readFileSync(`${root}package-lock.json`))
  .digest("hex");

const isInstalled = () => existsSync(node24) && existsSync(stamp) && readFileSync(stamp, "utf8") === wanted;

const fail = (reason) => {
  process.stderr.write(`${reason}\n`);
  process.exit(1);
};

/** Installs the locked packages, Node 24 among them, unless they are there already. */
export const installPackages = () => {
  if (isInstalled()) return;
  // npm empties what a link points to: another working copy's packages, perhaps while they are in use.
  if (lstatSync(`${root}node_modules`, { throwIfNoEntry: false })?.isSymbolicLink() === true) {
    fail("node_modules is a link and not up to date. Run npm ci where it points to, or remove the link.");
  }
  process.stderr.write("Installing the locked npm packages (about a minute the first time) ...\n");
  const npm = spawnSync("npm", ["ci", "--no-fund", "--no-audit", "--loglevel=error"], {
    cwd: root,
    stdio: ["ignore", 2, 2],
  });
  if (npm.status !== 0 || !existsSync(node24)) {
    fail("npm ci failed, so nothing was started. Its message is above; fix that and run this again.");
  }
  mkdirSync(`${root}node_modules`, { recursive: true });
  writeFileSync(stamp, wanted);
};

/** Runs the program in `directory` with the Node 24 of the packages, and ends as it ends. */
export const runWithNode24 = (args, directory) => {
  if (!existsSync(node24)) fail("The packages are not installed yet: run npm ci, or npm start.");
  const env = {
    ...process.env,
    PATH: `${root}node_modules/.bin:${process.env.PATH ?? ""}`,
    NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ""} --disable-warning=ExperimentalWarning`.trim(),
  };
  const child = spawn(node24, args, { cwd: directory, stdio: "inherit", env });
  // A terminal's Ctrl-C already reaches the child; here it only must not end this parent before the child has cleaned up.
  process.on("SIGINT", () => undefined);
  process.on("SIGTERM", () => child.kill("SIGTERM"));
  child.on("exit", (code, signal) => process.exit(code ?? (signal === "SIGINT" ? 130 : 1)));
};
