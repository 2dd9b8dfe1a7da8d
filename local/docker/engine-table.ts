import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { basename } from "node:path";
import { z } from "zod";

/** A process as Linux's table shows it. */
export interface TableEntry {
  readonly pid: number;
  readonly parent: number;
  /** The command line; never empty. */
  readonly words: readonly string[];
  /** Names its network namespace, for example `net:[4026531840]`; empty when this process may not know. */
  readonly network: string;
}

const goneCodes = new Set(["ENOENT", "ESRCH", "EACCES", "EPERM"]);

const orEmpty = (read: () => string): string => {
  try {
    return read();
  } catch (error) {
    if (error instanceof Error && "code" in error && goneCodes.has(String(error.code))) return "";
    throw error;
  }
};

/** The fourth field; the second is the name in parentheses, which may hold anything. */
const parentIn = (stat: string): number => Number(/\) \S (\d+)/.exec(stat.slice(stat.lastIndexOf(")")))?.[1] ?? 0);

/** Undefined for processes that are gone, are zombies or are the kernel's. */
const readEntry = (pid: number): TableEntry | undefined => {
  const words = orEmpty(() => readFileSync(`/proc/${pid}/cmdline`, "utf8"))
    .split("\0")
    .slice(0, -1);
  if (words.length === 0) return undefined;
  return {
    pid,
    words,
    parent: parentIn(orEmpty(() => readFileSync(`/proc/${pid}/stat`, "utf8"))),
    network: orEmpty(() => readlinkSync(`/proc/${pid}/ns/net`)),
  };
};

/** Every process of this machine that this one can see. */
export const readProcessTable = (): readonly TableEntry[] =>
  readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => readEntry(Number(name)) ?? []);

const flagOf = (configFile: string): string => `--config-file=${configFile}`;

const isEngine = ({ words }: TableEntry): boolean => basename(words[0] ?? "") === "dockerd";

/** The engine that runs with this configuration, whoever started it; also while `unshare` still is on its way to be it. */
export const findEngine = (configFile: string): TableEntry | undefined =>
  readProcessTable().find(({ words }) => words.includes(flagOf(configFile)));

/** Whether this pid (still) is the engine of this configuration: pids are used again, command lines with our file are not. */
export const isEngineAlive = (pid: number, configFile: string): boolean =>
  readEntry(pid)?.words.includes(flagOf(configFile)) === true;

/**
 * Engines that share this process's network, and with it the chains of the firewall, except for the one of
 * `configFile`. An engine that starts takes the chains of another one away.
 */
export const findNeighbours = (configFile: string): readonly TableEntry[] => {
  const network = readlinkSync("/proc/self/ns/net");
  return readProcessTable().filter(
    (entry) => isEngine(entry) && entry.network === network && !entry.words.includes(flagOf(configFile)),
  );
};

const Hosts = z.object({ hosts: z.array(z.string()).default([]) });

const hostsIn = (configFile: string): readonly string[] => {
  try {
    return Hosts.parse(JSON.parse(readFileSync(configFile, "utf8"))).hosts;
  } catch {
    // Gone, of a container's own file system, or nothing that dockerd would read: then nobody knows.
    return [];
  }
};

const hostsOf = (words: readonly string[]): readonly string[] =>
  words.flatMap((word, index) => {
    if (word === "-H" || word === "--host") return words[index + 1] ?? [];
    const configFile = /^--config-file=(.+)$/.exec(word)?.[1];
    if (configFile !== undefined) return hostsIn(configFile);
    return /^(?:-H=?|--host=)(.+)$/.exec(word)?.[1] ?? [];
  });

/** The address of the socket where an engine is told to listen, for DOCKER_HOST; undefined when systemd opens it. */
export const socketOf = ({ words }: TableEntry): string | undefined =>
  hostsOf(words).find((host) => host.startsWith("unix://"));
