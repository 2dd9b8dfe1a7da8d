import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { arch } from "node:process";
import { runCommand } from "../process/run-command.ts";
import { type ProgramFile, readLibraries } from "./dynamic-program.ts";
import { isStaticProgram } from "./elf.ts";

/** What the toolbox image is made of, as this machine has it. */
export interface ToolboxPrograms {
  /** Of busybox, for example `1.35.0`. */
  readonly version: string;
  /** Names of busybox's commands, in its order. */
  readonly applets: readonly string[];
  /** In Docker's words: `amd64`, `arm64`. */
  readonly architecture: string;
  /** Programs and what they need, each path once. */
  readonly files: readonly ProgramFile[];
}

const askTimeoutMilliseconds = 10_000;
const architectures: Readonly<Record<string, string>> = { x64: "amd64", arm64: "arm64" };
const advice = "Install Debian's packages busybox-static, iputils-ping, bash and ncurses-base.";
const usualBusybox = "/bin/busybox";

/**
 * Debian's busybox is all of the image but for these: its ping wants a raw socket, which no node may have, where the one of
 * iputils does with the datagram socket that Docker allows; and its shell takes its own ping first, whatever PATH says.
 */
const dynamicPrograms = ["/bin/bash", "/bin/ping"];
/** Without them a shell in a browser's terminal could not move its cursor. */
const terminals = ["x/xterm", "x/xterm-256color"];
/** Where Debian 13 has them, and where releases before did. */
const terminalDirectories = ["/usr/share/terminfo", "/lib/terminfo"];

const read = async (path: string): Promise<ProgramFile> => {
  try {
    return { path: path.slice(1), content: await readFile(path) };
  } catch (error) {
    throw new Error(`The toolbox image is made of ${path}, which cannot be read. ${advice}`, { cause: error });
  }
};

const readTerminal = (name: string): Promise<ProgramFile> => {
  const places = terminalDirectories.map((directory) => join(directory, name));
  return read(places.find((path) => existsSync(path)) ?? name);
};

const unique = (files: readonly ProgramFile[]): readonly ProgramFile[] => [
  ...new Map(files.map((file) => [file.path, file])).values(),
];

/**
 * Reads Debian's programs for the image. `busybox` is the path of a static one.
 * @throws Error when one is missing, or for a busybox that needs libraries, saying what to install
 */
export const readToolboxPrograms = async (busybox = usualBusybox): Promise<ToolboxPrograms> => {
  const { content } = await read(busybox);
  if (!isStaticProgram(content)) throw new Error(`${busybox} is no static program. ${advice}`);
  const ask = (...args: string[]): Promise<string> =>
    runCommand(busybox, args, { timeoutMilliseconds: askTimeoutMilliseconds });
  const version = /^BusyBox v(\d+\.\d+\.\d+)/.exec(await ask())?.[1];
  if (version === undefined) throw new Error(`${busybox} does not say which busybox it is. ${advice}`);
  const others = await Promise.all([...dynamicPrograms.map(read), ...terminals.map(readTerminal)]);
  const libraries = await Promise.all(dynamicPrograms.map(readLibraries));
  return {
    version,
    applets: (await ask("--list")).split("\n").filter((name) => name !== ""),
    architecture: architectures[arch] ?? arch,
    files: unique([{ path: "bin/busybox", content }, ...others, ...libraries.flat()]),
  };
};
