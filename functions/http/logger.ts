import type { Logger } from "../../shared/kernel/logger.ts";

const line = (level: string, message: string, facts: Readonly<Record<string, unknown>> = {}): string =>
  JSON.stringify({ level, message, ...facts });

/** One JSON line per message on the worker's own streams, which the Functions host collects. */
export const consoleLogger: Logger = {
  info: (message, facts) => process.stdout.write(`${line("info", message, facts)}\n`),
  warn: (message, facts) => process.stderr.write(`${line("warn", message, facts)}\n`),
  error: (message, facts) => process.stderr.write(`${line("error", message, facts)}\n`),
};
