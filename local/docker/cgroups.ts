import { readFileSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { waitUntil } from "../process/wait-until.ts";

const removeTimeoutMilliseconds = 3000;

/** Where the kernel's control groups are: one tree, or one for each controller. `mountinfo` is the text of proc(5)'s file. */
export const cgroupTrees = (mountinfo: string): readonly string[] =>
  mountinfo.split("\n").flatMap((line) => {
    const [mount = "", type = ""] = line.split(" - ");
    return /^cgroup2? /.test(type) ? (mount.split(" ")[4] ?? []) : [];
  });

const isGone = (directory: string): boolean => {
  try {
    rmdirSync(directory);
    return true;
  } catch (error) {
    // Busy: the last process of the group is not quite gone.
    return !(error instanceof Error && "code" in error && error.code === "EBUSY");
  }
};

/** Removes the groups of containers whose engine was killed, and which nobody else would remove before the machine ends. */
export const removeCgroups = async (containerIds: readonly string[]): Promise<void> => {
  const trees = cgroupTrees(readFileSync("/proc/self/mountinfo", "utf8"));
  const directories = containerIds.flatMap((id) => trees.map((tree) => join(tree, "docker", id)));
  await waitUntil(() => directories.map(isGone).every(Boolean), removeTimeoutMilliseconds);
};
