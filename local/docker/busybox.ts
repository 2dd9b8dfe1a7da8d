import { readFile } from "node:fs/promises";
import { arch } from "node:process";
import { runCommand } from "../process/run-command.ts";

/** A busybox program with what it says about itself. */
export interface Busybox {
  readonly content: Buffer;
  /** As Debian's package says it, for example `1.35.0`. */
  readonly version: string;
  /** Names of its commands, in busybox's order. */
  readonly applets: readonly string[];
  /** In Docker's words: `amd64`, `arm64`. */
  readonly architecture: string;
}

const usualPath = "/bin/busybox";
const askTimeoutMilliseconds = 10_000;
const architectures: Readonly<Record<string, string>> = { x64: "amd64", arm64: "arm64", arm: "arm", ia32: "386" };

const elfMagic = 0x7f454c46;
const programInterpreter = 3;

/**
 * Whether an ELF program of 64 bits, low byte first, runs without a dynamic linker: it names none (elf(5), PT_INTERP).
 * An image that holds nothing else has no libraries for the other kind.
 */
export const isStaticProgram = (content: Buffer): boolean => {
  const isElf64 = content.length > 64 && content.readUInt32BE(0) === elfMagic && content[4] === 2 && content[5] === 1;
  if (!isElf64) return false;
  const start = Number(content.readBigUInt64LE(32));
  const [entryBytes, count] = [content.readUInt16LE(54), content.readUInt16LE(56)];
  if (start + entryBytes * count > content.length) return false;
  return Array.from({ length: count }, (_, index) => content.readUInt32LE(start + entryBytes * index)).every(
    (type) => type !== programInterpreter,
  );
};

/** Reads Debian's busybox-static. @throws Error when there is none, or one that needs libraries, saying what to install */
export const readBusybox = async (path = usualPath): Promise<Busybox> => {
  const advice = "Install Debian's package busybox-static.";
  const content = await readFile(path).catch((error: unknown) => {
    throw new Error(`The toolbox image is made from ${path}, which cannot be read. ${advice}`, { cause: error });
  });
  if (!isStaticProgram(content)) throw new Error(`${path} is not a static program. ${advice}`);
  const ask = (...args: string[]): Promise<string> =>
    runCommand(path, args, { timeoutMilliseconds: askTimeoutMilliseconds });
  const version = /^BusyBox v(\d+\.\d+\.\d+)/.exec(await ask())?.[1];
  if (version === undefined) throw new Error(`${path} does not say which busybox it is. ${advice}`);
  const applets = (await ask("--list")).split("\n").filter((name) => name !== "");
  return { content, version, applets, architecture: architectures[arch] ?? arch };
};
