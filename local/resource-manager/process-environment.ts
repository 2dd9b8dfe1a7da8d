import { readFileSync } from "node:fs";

const ourPrefix = "KOMBIFY_";

/** What Linux kept of the environment the process was started with; undefined when it is gone. */
const startedWith = (pid: number): readonly string[] | undefined => {
  try {
    return readFileSync(`/proc/${pid}/environ`, "utf8").split("\0");
  } catch {
    // It has ended or is another user's: either way not a server of ours to go on with.
    return undefined;
  }
};

const ours = (words: readonly string[]): string =>
  words
    .filter((word) => word.startsWith(ourPrefix))
    .sort()
    .join("\0");

/** Whether the process was started with just these variables of ours (`KOMBIFY_*`): if not, it has to be started again. */
export const hasEnvironment = (pid: number, env: Readonly<Record<string, string>>): boolean => {
  const words = startedWith(pid);
  return words !== undefined && ours(words) === ours(Object.entries(env).map(([name, value]) => `${name}=${value}`));
};
