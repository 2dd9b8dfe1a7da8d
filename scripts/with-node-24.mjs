// Installs the locked packages when they are missing or stale, then runs a program of this repository in the repository.
import { readFileSync } from "node:fs";
import { installPackages, root, runWithNode24 } from "./node-24.mjs";

// Help is answered before anything is installed.
if (process.argv[2] === "local/up.ts" && process.argv.includes("--help")) {
  process.stdout.write(readFileSync(`${root}local/usage.txt`, "utf8"));
  process.exit(0);
}
installPackages();
runWithNode24(process.argv.slice(2), root);
