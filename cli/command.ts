import type { PlatformClient } from "./platform-client.ts";

/** What a command has to do with the world around it. */
export interface CommandContext {
  readonly platform: PlatformClient;
  /** Prints one line of the result. */
  readonly print: (line: string) => void;
  /** Says on stderr what is going on, for people. */
  readonly note: (line: string) => void;
}

/** One command, for example `kombify events list`. */
export interface Command {
  readonly name: string;
  /** Its arguments, as people read them: `[--state failed] [--json]`. */
  readonly usage: string;
  readonly summary: string;
  /** @throws CommandFailure; UsageError for arguments that make no sense, also those of `parseArgs` */
  readonly run: (args: readonly string[], context: CommandContext) => Promise<void>;
}

export interface CommandGroup {
  readonly name: string;
  readonly commands: readonly Command[];
}
