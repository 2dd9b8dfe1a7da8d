import { spawn } from "node:child_process";
import { parseArgs } from "node:util";
import { installBrowser } from "./install-browser.ts";

interface Check {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
}

/** Everything that must hold, in the order in which it fails fastest. The same for people and for CI. */
const checks: readonly Check[] = [
  { name: "format", command: ["prettier", "--check", "--log-level", "warn", "."] },
  { name: "types", command: ["tsc", "--noEmit"] },
  { name: "lint", command: ["eslint", ".", "--max-warnings", "0"] },
  { name: "module graph", command: ["npm", "run", "--silent", "graph"] },
  { name: "dead code", command: ["knip"] },
  { name: "build", command: ["node", "scripts/build.ts"] },
  { name: "unit and contract tests", command: ["vitest", "run", "--project", "unit"] },
  { name: "end-to-end tests", command: ["vitest", "run", "--project", "e2e"] },
];

const run = ({ command: [program, ...args] }: Check): Promise<boolean> =>
  new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ["ignore", "inherit", "inherit"] });
    child.once("error", reject).once("exit", (code) => resolve(code === 0));
  });

const seconds = (since: number): string => `${((performance.now() - since) / 1000).toFixed(1)} s`;

const { values } = parseArgs({ options: { only: { type: "string", multiple: true } } });
const wanted = checks.filter(({ name }) => values.only?.some((part) => name.includes(part)) ?? true);

console.log(`\n== browser for the end-to-end tests\n${await installBrowser()}`);
const failed: string[] = [];
for (const [index, check] of wanted.entries()) {
  const begin = performance.now();
  console.log(`\n== ${check.name} (${index + 1} of ${wanted.length})`);
  const isGood = await run(check);
  console.log(`== ${check.name}: ${isGood ? "ok" : "FAILED"} in ${seconds(begin)}`);
  if (!isGood) failed.push(check.name);
}
console.log(failed.length === 0 ? "\nEverything holds." : `\nFailed: ${failed.join(", ")}`);
// The line a machine reads: how many of the checks above passed.
console.log(`\n${wanted.length - failed.length} passed, ${failed.length} failed`);
process.exitCode = failed.length === 0 ? 0 : 1;
