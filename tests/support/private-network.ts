import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { closeSync, existsSync, openSync } from "node:fs";
import { readlink } from "node:fs/promises";
import { waitUntil } from "../../local/process/wait-until.ts";
import type { RunTool } from "../../sim-host/walls/run-tool.ts";
import { makeRunTool } from "../../sim-host/walls/run-tool.ts";

/**
 * A network namespace: addresses, routes, firewall and sysctls are nobody else's, so they may be broken. It has no name and ends
 * with the test's process, however that ends.
 */
export interface PrivateNetwork {
  /** As `ip link ... netns` takes it. */
  readonly pid: number;
  /** Before a command, makes it run here. */
  readonly prefix: readonly string[];
  readonly run: RunTool;
  /** Starts a TypeScript program that speaks to us by IPC, here or where another prefix leads. Killed at the end. */
  fork(entry: string, args: readonly string[], otherPrefix?: readonly string[]): ChildProcess;
  /** Starts any program; what it prints goes to the file. Killed at the end. */
  start(command: readonly string[], logFile: string): ChildProcess;
  close(): Promise<void>;
}

const readyMilliseconds = 10_000;
const dieWithParent = ["setpriv", "--pdeathsig", "SIGTERM", "--"];

const programFolders = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

/** Whether tests with networks of their own can run here; says on stderr why they are skipped. */
export const canHavePrivateNetworks = (programs: readonly string[] = []): boolean => {
  const needed = ["setpriv", "unshare", "nsenter", "ip", "sysctl", "iptables", "busybox", ...programs];
  const missing = needed.filter((program) => !programFolders.some((folder) => existsSync(`${folder}/${program}`)));
  const reasons = [...(process.getuid?.() === 0 ? [] : ["root"]), ...missing];
  if (reasons.length > 0) process.stderr.write(`Tests of the walls are skipped: they need ${reasons.join(", ")}.\n`);
  return reasons.length === 0;
};

/** Resolves when the process has ended. */
export const ended = (child: ChildProcess): Promise<unknown> =>
  child.exitCode !== null || child.signalCode !== null
    ? Promise.resolve()
    : new Promise((resolve) => child.once("exit", resolve));

const launch = (command: readonly string[], stdio: ("ignore" | "ipc" | number)[]): ChildProcess => {
  const [program = "", ...args] = [...dieWithParent, ...command];
  return spawn(program, args, { stdio });
};

/** @throws Error when the kernel makes none, as without root */
export const privateNetwork = async (): Promise<PrivateNetwork> => {
  const holder = launch(["unshare", "--net", "sleep", "infinity"], ["ignore", "ignore", 2]);
  const pid = holder.pid ?? 0;
  const ownNamespace = await readlink("/proc/self/ns/net");
  const isApart = async (): Promise<boolean> =>
    (await readlink(`/proc/${pid}/ns/net`).catch(() => ownNamespace)) !== ownNamespace;
  if (!(await waitUntil(isApart, readyMilliseconds))) throw new Error("No network namespace was made: it takes root.");

  const children = [holder];
  const keep = (child: ChildProcess): ChildProcess => {
    children.push(child);
    return child;
  };
  const prefix = ["nsenter", `--net=/proc/${pid}/ns/net`];
  const node = [process.execPath, "--disable-warning=ExperimentalWarning"];
  const run = makeRunTool(prefix);
  await run("ip", ["link", "set", "lo", "up"]);
  return {
    pid,
    prefix,
    run,
    fork: (entry, args, otherPrefix = prefix) =>
      keep(launch([...otherPrefix, ...node, entry, ...args], ["ignore", 2, 2, "ipc"])),
    start(command, logFile) {
      const log = openSync(logFile, "a");
      try {
        return keep(launch([...prefix, ...command], ["ignore", log, log]));
      } finally {
        closeSync(log);
      }
    },
    async close() {
      children.forEach((child) => child.kill("SIGKILL"));
      await Promise.all(children.map(ended));
    },
  };
};
