import { DomainError } from "../../shared/kernel/errors.ts";
import { CommandFailed } from "./run-command.ts";

/** An interface went away between two programs. */
export const isInterfaceGone = (error: unknown): boolean =>
  error instanceof CommandFailed && /Cannot find device|No such device/.test(error.detail);

/** What programs and relay said, in the words of the port. */
export const translated = async <T>(act: () => Promise<T>): Promise<T> => {
  try {
    return await act();
  } catch (error) {
    if (error instanceof DomainError) throw error;
    if (isInterfaceGone(error))
      throw new DomainError("not-found", "The node has no such interface now.", { cause: error });
    throw new DomainError("unavailable", "The links cannot be changed now.", { cause: error });
  }
};
