import type { Writable } from "node:stream";

/** A reader that does not take what waits for it. */
export class SlowReader extends Error {
  override readonly name = "SlowReader";
}

/** What is held for a reader at most beside one chunk; reached only when chunks are written without waiting. */
const waitingBytesMax = 1024 * 1024;

const drained = (target: Writable, milliseconds: number): Promise<void> =>
  new Promise((resolve, reject) => {
    const settle = (error?: Error): void => {
      clearTimeout(timer);
      for (const event of ["drain", "close", "error"]) target.off(event, done);
      if (error === undefined) resolve();
      else reject(error);
    };
    const done = (): void => settle();
    const timer = setTimeout(() => settle(new SlowReader("It took nothing for too long.")), milliseconds);
    for (const event of ["drain", "close", "error"]) target.once(event, done);
  });

/**
 * Writes a chunk and waits until there is room for the next, so that no more than that waits in memory. Nothing happens
 * once the reader is gone.
 * @throws SlowReader when nothing was taken for so long
 */
export const writeSlowly = async (target: Writable, chunk: string | Uint8Array, stallMilliseconds: number) => {
  if (target.destroyed || target.writableEnded) return;
  if (target.writableLength > waitingBytesMax) throw new SlowReader("Too much waits for it.");
  if (!target.write(chunk)) await drained(target, stallMilliseconds);
};
