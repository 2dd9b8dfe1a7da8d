/** It could not be done; the message is for the person who asked. Exit code 1. */
export class CommandFailure extends Error {
  override readonly name = "CommandFailure";
}

/** The command line makes no sense. Exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
