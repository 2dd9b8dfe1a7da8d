import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { installBrowser } from "./install-browser.ts";
import { installDocker } from "./install-docker.ts";

interface Check {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
}

/** What can be said without running the product. */
const staticChecks: readonly Check[] = [
  { name: "format", command: ["prettier", "--check", "--log-level", "warn", "."] },
  { name: "types", command: ["tsc", "--noEmit"] },
  { name: "lint", command: ["eslint", ".", "--max-warnings", "0"] },
  { name: "module graph", command: ["npm", "run", "--silent", "graph"] },
  { name: "dead code", command: ["knip"] },
];

/**
 * What runs it, one after the other: the tests start processes of their own and should find the machine quiet. What stands
 * together runs side by side; lines of all but the first say whose they are.
 */
const testRuns: readonly (readonly Check[])[] = [
  [{ name: "build", command: ["node", "scripts/build.ts"] }],
  [{ name: "unit and contract tests", command: ["vitest", "run", "--project", "unit"] }],
  [{ name: "end-to-end tests", command: ["vitest", "run", "--project", "e2e"] }],
  [
    { name: "tests on a Docker engine", command: ["vitest", "run", "--project", "engine"] },
    { name: "tests on engines of their own", command: ["vitest", "run", "--project", "own-engines"] },
  ],
];

const seconds = (since: number): string => `${((performance.now() - since) / 1000).toFixed(1)} s`;

/** How the output of a check is shown: as it comes, as it comes with its name before each line, or at the end if it failed. */
type Shown = "live" | "named" | "at-end";

/** Runs a check. One that cannot be started has failed; those beside it go on. */
const run = ({ name, command: [program, ...args] }: Check, shown: Shown): Promise<boolean> =>
  new Promise((resolve) => {
    const begin = performance.now();
    if (shown !== "at-end") console.log(`\n== ${name}`);
    const stdio = shown === "live" ? "inherit" : "pipe";
    const child = spawn(program, args, { stdio: ["ignore", stdio, stdio] });
    const output: Buffer[] = [];
    for (const stream of [child.stdout, child.stderr]) {
      if (stream === null) continue;
      // At once: what hangs is ended from outside, and then this is all that is known of it.
      if (shown === "named") createInterface(stream).on("line", (line) => console.log(`${name} | ${line}`));
      else stream.on("data", (chunk: Buffer) => output.push(chunk));
    }
    child.once("error", (error) => output.push(Buffer.from(`${error.message}\n`)));
    child.once("close", (code) => {
      const isGood = code === 0;
      if (!isGood) process.stdout.write(Buffer.concat(output));
      console.log(`== ${name}: ${isGood ? "ok" : "FAILED"} in ${seconds(begin)}`);
      resolve(isGood);
    });
  });

const { values } = parseArgs({ options: { only: { type: "string", multiple: true } } });
const isWanted = ({ name }: Check): boolean => values.only?.some((part) => name.includes(part)) ?? true;
const failed: string[] = [];
const note = async (check: Check, shown: Shown): Promise<void> => {
  if (!(await run(check, shown))) failed.push(check.name);
};

console.log(`== browser for the end-to-end tests: ${await installBrowser()}`);
console.log(`== Docker for the end-to-end tests: ${await installDocker()}`);
const [quick, tests] = [staticChecks.filter(isWanted), testRuns.map((group) => group.filter(isWanted))];
console.log(`== ${quick.map(({ name }) => name).join(", ")}: side by side`);
await Promise.all(quick.map((check) => note(check, "at-end")));
for (const group of tests) await Promise.all(group.map((check, index) => note(check, index === 0 ? "live" : "named")));
const count = quick.length + tests.flat().length;
console.log(failed.length === 0 ? "\nEverything holds." : `\nFailed: ${failed.join(", ")}`);
// The line a machine reads: how many of the checks above passed.
console.log(`\n${count - failed.length} passed, ${failed.length} failed`);
process.exitCode = failed.length === 0 ? 0 : 1;
