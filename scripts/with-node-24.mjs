// Installs the locked packages when they are missing or stale, then runs a program of this repository in the repository.
import { installPackages, root, runWithNode24 } from "./node-24.mjs";

installPackages();
runWithNode24(process.argv.slice(2), root);
