// Plain JavaScript on purpose: this is the one file that must run on the Node a machine happens to have (20 or newer)
// before anything is installed. It installs the locked packages when they are missing or stale, then runs the given
// program with the Node 24 that came with them.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const stamp = `${root}node_modules/.kombify-lock`;
const node24 = `${root}node_modules/node/bin/node`;
const wanted = createHash("sha256")
  .update(readFileSync(`${root}package-lock.json`))
  .digest("hex");

const isInstalled = () => existsSync(node24) && existsSync(stamp) && readFileSync(stamp, "utf8") === wanted;

if (process.argv[2] === "local/up.ts" && process.argv.includes("--help")) {
  process.stdout.write(readFileSync(`${root}local/usage.txt`, "utf8"));
  process.exit(0);
}

if (!isInstalled()) {
  process.stderr.write("Installing the locked npm packages (about a minute the first time) ...\n");
  const install = spawnSync("npm", ["ci", "--no-fund", "--no-audit", "--loglevel=error"], {
    cwd: root,
    stdio: ["ignore", 2, 2],
  });
  if (install.status !== 0 || !existsSync(node24)) {
    process.stderr.write("npm ci failed, so nothing was started. Its message is above; fix that and run this again.\n");
    process.exit(1);
  }
  mkdirSync(`${root}node_modules`, { recursive: true });
  writeFileSync(stamp, wanted);
}

const env = {
  ...process.env,
  PATH: `${root}node_modules/.bin:${process.env.PATH ?? ""}`,
  NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ""} --disable-warning=ExperimentalWarning`.trim(),
};
const child = spawn(node24, process.argv.slice(2), { cwd: root, stdio: "inherit", env });
// A terminal's Ctrl-C already reaches the child; here it only must not end this parent before the child has cleaned up.
process.on("SIGINT", () => undefined);
process.on("SIGTERM", () => child.kill("SIGTERM"));
child.on("exit", (code, signal) => process.exit(code ?? (signal === "SIGINT" ? 130 : 1)));
