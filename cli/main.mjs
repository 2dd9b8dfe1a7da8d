#!/usr/bin/env node
// `npx kombify`: runs the command line where the caller is. It installs nothing: a platform may be running on the packages.
import { root, runWithNode24 } from "../scripts/node-24.mjs";

runWithNode24([`${root}cli/main.ts`, ...process.argv.slice(2)], process.cwd());
