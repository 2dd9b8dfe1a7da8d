import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { endPrivateEngine } from "./private-engine.ts";

/** Always the same one, so that an engine which a killed run left behind is found and used, and ended after all. */
export const testEngineDirectory = join(tmpdir(), "kombify-test-engine");
const usersDirectory = `${testEngineDirectory}-users`;

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
};

/** Whether no run of tests is under way that may use the engine. Forgets runs that were killed. */
const isUnused = (): boolean => {
  for (const name of readdirSync(usersDirectory)) {
    if (isAlive(Number(name))) return false;
    rmSync(join(usersDirectory, name), { force: true });
  }
  return true;
};

/** Keeps the tests' engine, should somebody start it, until the answer is called by the last of several runs. */
export const keepTestEngine = (): (() => Promise<void>) => {
  mkdirSync(usersDirectory, { recursive: true });
  const own = join(usersDirectory, String(process.pid));
  writeFileSync(own, "");
  return async () => {
    rmSync(own, { force: true });
    await endPrivateEngine(testEngineDirectory, isUnused);
  };
};
