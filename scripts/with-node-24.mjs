// Installs the locked packages when they are missing or stale, then runs a program of this repository in the repository.
import { readFileSync } from "node:fs";
import { installPackages, root, runWithNode24 } from "./node-24.mjs";

const isForHelp = process.argv[2] === "local/up.ts" && process.argv.includes("--help");
// Help needs nothing installed.
if (isForHelp) process.stdout.write(readFileSync(`${root}local/usage.txt`, "utf8"));
else {
  installPackages();
  runWithNode24(process.argv.slice(2), root);
}
