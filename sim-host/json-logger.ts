import type { Writable } from "node:stream";
import type { Logger } from "../shared/kernel/logger.ts";

/** One line of JSON a message, as the machine's journal takes them; warnings and errors go to the second stream. */
export const jsonLogger = (out: Writable, errors: Writable): Logger => {
  const write =
    (stream: Writable, level: string) =>
    (message: string, facts: Readonly<Record<string, unknown>> = {}) => {
      stream.write(`${JSON.stringify({ level, message, ...facts })}\n`);
    };
  return { info: write(out, "info"), warn: write(errors, "warn"), error: write(errors, "error") };
};
