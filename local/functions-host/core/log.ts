export type LogLevel = "trace" | "debug" | "information" | "warning" | "error" | "critical";
export type LogCategory = "user" | "system" | "customMetric";

export interface LogEntry {
  readonly level: LogLevel;
  readonly category: LogCategory;
  readonly message: string;
  /** The function that was running, when one was. */
  readonly functionName?: string;
  readonly invocationId?: string;
}

export type LogSink = (entry: LogEntry) => void;

/** What an error says for a log: its stack where it has one. */
export const describeError = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : String(error);
