import { setTimeout as delay } from "node:timers/promises";
import { chunksOf } from "./chunks.ts";
import { statusBehind } from "./docker-failure.ts";
import type { Engine, Terminal } from "./ports.ts";
import type { Program, StartProgram } from "./programs.ts";

const resizeAttemptsMax = 5;
const resizePauseMilliseconds = 50;

type Size = Parameters<Terminal["resize"]>[0];

/** A program has no terminal to resize just before it begins and after its end: the first passes, the second is no failure. */
const resizeSoon = async (program: Program, size: Size, attemptsMax: number): Promise<void> => {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await program.resize(size);
      return;
    } catch (error) {
      if (statusBehind(error) === undefined) throw error;
      if (attempt >= attemptsMax) return;
      await delay(resizePauseMilliseconds);
    }
  }
};

async function* outputOf(program: Program, close: () => Promise<void>): AsyncGenerator<Uint8Array> {
  try {
    yield* chunksOf(program.stream);
  } finally {
    // Nobody can see it any more: also when who read it went away without a word.
    await close();
  }
}

const write = ({ stream }: Program, bytes: Uint8Array): Promise<void> =>
  new Promise((resolve) => {
    // What is typed after the end is lost, as on any terminal.
    if (!stream.writable) resolve();
    else stream.write(bytes, () => resolve());
  });

/** Interactive programs in nodes. */
export const terminalOpener =
  (start: StartProgram): Engine["terminal"] =>
  async (id, command, size) => {
    const program = await start(id, { command, hasInput: true, isTerminal: true });
    let closing: Promise<void> | undefined;
    const close = (): Promise<void> => {
      closing ??= program.end().finally(() => program.stream.destroy());
      return closing;
    };
    try {
      await resizeSoon(program, size, resizeAttemptsMax);
    } catch (error) {
      await close().catch(() => undefined);
      throw error;
    }
    return {
      output: outputOf(program, close),
      write: (bytes) => write(program, bytes),
      resize: (next) => resizeSoon(program, next, 1),
      close,
    };
  };
