import { pipeline } from "node:stream/promises";
import { chunksOf } from "./chunks.ts";
import { frameReader } from "./frames.ts";
import type { Engine } from "./ports.ts";
import type { Program, StartProgram } from "./programs.ts";

/** What `timeout` of POSIX systems answers for a program whose time was over. */
const timeoutExitCode = 124;

/**
 * Sends a program its input as fast as it reads. That a program ends without having read all of it is nobody's failure; that the
 * input itself fails is told, as its end would look like a whole one to the program.
 */
const feed = async (
  { stream }: Program,
  input: AsyncIterable<Uint8Array>,
  onFailure: (error: unknown) => void,
): Promise<void> => {
  const watched = async function* () {
    try {
      yield* input;
    } catch (error) {
      onFailure(error);
      throw error;
    }
  };
  await pipeline(watched, stream).catch(() => stream.destroy());
};

/** Reads output up to its bound, and no further. */
const gather = async ({ stream: source }: Program, bytesMax: number, leavesOutErrors: boolean) => {
  const read = frameReader();
  const parts: Uint8Array[] = [];
  let room = bytesMax;
  let isCut = false;
  for await (const chunk of chunksOf(source)) {
    for (const { stream, bytes } of read(chunk)) {
      if (leavesOutErrors && stream === "stderr") continue;
      parts.push(bytes.subarray(0, room));
      isCut ||= bytes.length > room;
      room = Math.max(room - bytes.length, 0);
    }
    if (isCut) break;
  }
  return { output: Buffer.concat(parts), isCut };
};

/** Runs commands in nodes to their end, the end of their time (then they exit with 124), or that of their output. */
export const commandRunner =
  (start: StartProgram): Engine["run"] =>
  async (id, command, { input, outputBytesMax, timeoutMilliseconds, leavesOutErrors = false }) => {
    const program = await start(id, { command, hasInput: input !== undefined, isTerminal: false });
    const failures: unknown[] = [];
    const time = new AbortController();
    time.signal.addEventListener("abort", () => program.stream.destroy());
    const timer = setTimeout(() => time.abort(), timeoutMilliseconds);
    try {
      if (input !== undefined) void feed(program, input, (error) => failures.push(error));
      const gathered = await gather(program, outputBytesMax, leavesOutErrors);
      if (failures.length > 0) throw failures[0];
      if (time.signal.aborted || gathered.isCut) await program.end();
      return { ...gathered, exitCode: time.signal.aborted ? timeoutExitCode : await program.exitCode() };
    } catch (error) {
      // Who asked has gone on with the failure; the program must not go on with half of its input, or unread.
      await program.end().catch(() => undefined);
      throw error;
    } finally {
      clearTimeout(timer);
      program.stream.destroy();
    }
  };
