import { readFile } from "node:fs/promises";
import { runCommand } from "../process/run-command.ts";

/** A file of an image. */
export interface ProgramFile {
  /** Relative to the image's root. */
  readonly path: string;
  readonly content: Buffer;
}

const askTimeoutMilliseconds = 10_000;

/** Paths in what ldd(1) prints: `name => path (address)` for a library, `path (address)` for the dynamic linker. */
export const librariesIn = (output: string): readonly string[] =>
  output.split("\n").flatMap((line) => /^\s*(?:\S+ => )?(\/\S+) \(0x[0-9a-f]+\)$/.exec(line)?.[1] ?? []);

/**
 * The libraries and the dynamic linker that a program needs, at the paths where it looks for them, but none of those it
 * would load later by name. @throws Error when it cannot be asked
 */
export const readLibraries = async (program: string): Promise<readonly ProgramFile[]> => {
  const output = await runCommand("ldd", [program], { timeoutMilliseconds: askTimeoutMilliseconds });
  return Promise.all(librariesIn(output).map(async (path) => ({ path: path.slice(1), content: await readFile(path) })));
};
