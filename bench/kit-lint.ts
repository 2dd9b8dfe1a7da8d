import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { lintKit } from "../shared/stackkits/lint-kit.ts";
import { readKitFolder } from "../shared/stackkits/read-folder.ts";
import type { Pair } from "./harness.ts";

const kitsPerRound = 100;
const kits = fileURLToPath(new URL("../kits", import.meta.url));

/** Shipped kits again and again, each read from its folder. */
const lintAll = async (): Promise<number> => {
  const ids = await readdir(kits);
  const started = performance.now();
  for (let index = 0; index < kitsPerRound; index += 1) {
    const id = ids[index % ids.length] ?? "";
    const { files } = await readKitFolder(join(kits, id));
    if (lintKit(files, id).kit === undefined) throw new Error(`The kit ${id} is not read.`);
  }
  return performance.now() - started;
};

/** Lint of 100 kits against two seconds: at most 1.0 is the goal. */
export const kitLint = (): Pair => ({
  name: "StackKits, lint of 100",
  bound: { kind: "ratio", max: 1 },
  measured: "linting them",
  baseline: "two seconds",
  rounds: 5,
  warmUp: 1,
  open: () =>
    Promise.resolve({ measure: lintAll, compare: () => Promise.resolve(2_000), close: () => Promise.resolve() }),
});
