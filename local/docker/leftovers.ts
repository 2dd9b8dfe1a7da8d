import { readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { basename, join, sep } from "node:path";
import { runCommand } from "../process/run-command.ts";
import { waitUntil } from "../process/wait-until.ts";
import { removeCgroups } from "./cgroups.ts";
import { readProcessTable, type TableEntry } from "./engine-table.ts";
import type { PrivateEngineFiles } from "./private-engine-files.ts";
import { sendSignal } from "./send-signal.ts";

const endTimeoutMilliseconds = 5000;
const unmountTimeoutMilliseconds = 5000;

const isShim = ({ words }: TableEntry, containerdNamespace: string): boolean =>
  basename(words[0] ?? "").startsWith("containerd-shim") &&
  words[words.indexOf("-namespace") + 1] === containerdNamespace;

const isContainerd = ({ words }: TableEntry, execRoot: string): boolean =>
  words.includes(join(execRoot, "containerd/containerd.toml"));

interface Leftovers {
  /**
   * The containerd of the engine, the first process of each container, whose end takes all other processes of the container
   * with it, and the shims, without which a container would belong to nobody.
   */
  readonly pids: readonly number[];
  readonly containerIds: readonly string[];
}

const findLeftovers = ({ containerdNamespace, execRoot }: PrivateEngineFiles): Leftovers => {
  const table = readProcessTable();
  const shims = table.filter((entry) => isShim(entry, containerdNamespace));
  const isContained = ({ parent }: TableEntry): boolean => shims.some(({ pid }) => pid === parent);
  const found = [...table.filter((entry) => isContainerd(entry, execRoot)), ...table.filter(isContained), ...shims];
  return {
    pids: found.map(({ pid }) => pid),
    containerIds: shims.flatMap(({ words }) => words[words.indexOf("-id") + 1] ?? []),
  };
};

/** Paths in mountinfo have spaces and the like as three octal digits (proc(5)). */
const unescape = (path: string): string =>
  path.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));

/** What is mounted at or below these directories, the last mounted first. `mountinfo` is the text of proc(5)'s file. */
export const mountsBelow = (mountinfo: string, directories: readonly string[]): readonly string[] =>
  mountinfo
    .split("\n")
    .flatMap((line) => line.split(" ")[4] ?? [])
    .map(unescape)
    .filter((path) => directories.some((directory) => path === directory || path.startsWith(directory + sep)))
    .reverse();

/**
 * Ends and unmounts what an engine left behind that was killed, or that did not end in time: afterwards nothing of it runs,
 * and its directories can be removed. To be called when the engine itself is gone.
 *
 * @throws Error when something cannot be ended or unmounted
 */
export const clearLeftovers = async (files: PrivateEngineFiles): Promise<void> => {
  const { pids, containerIds } = findLeftovers(files);
  pids.forEach((pid) => sendSignal(pid, "SIGKILL"));
  if (!(await waitUntil(() => findLeftovers(files).pids.length === 0, endTimeoutMilliseconds))) {
    throw new Error(`Processes of the Docker engine below ${files.dataRoot} could not be ended.`);
  }
  await removeCgroups(containerIds.filter((id) => /^[0-9a-f]{64}$/.test(id)));
  const mounts = mountsBelow(readFileSync("/proc/self/mountinfo", "utf8"), [files.dataRoot, files.runDirectory]);
  for (const path of mounts) {
    await runCommand("umount", ["--lazy", path], { timeoutMilliseconds: unmountTimeoutMilliseconds });
  }
  await rm(files.runDirectory, { recursive: true, force: true });
};
