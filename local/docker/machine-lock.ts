import { spawn } from "node:child_process";

const graceMilliseconds = 1000;

/**
 * Does something while no other process of this machine does something under the same lock file. The lock is flock(2)'s,
 * held by a program that ends with our end of its stdin: a process that is killed lets go at once and leaves nothing that
 * somebody else would have to judge. The file stays; it is empty.
 *
 * @throws Error when somebody else holds the lock for longer than `timeoutSeconds` (whole seconds)
 */
export const withMachineLock = async <T>(file: string, timeoutSeconds: number, act: () => Promise<T>): Promise<T> => {
  const holder = spawn("flock", ["--timeout", String(timeoutSeconds), file, "sh", "-c", "echo locked; exec cat"], {
    stdio: ["pipe", "pipe", "ignore"],
  });
  // Otherwise a pipe that breaks because the holder was killed would end this process.
  holder.stdin.on("error", () => undefined);
  const ended = new Promise<void>((resolve) => holder.once("close", () => resolve()));
  try {
    await new Promise<void>((resolve, reject) => {
      const late = setTimeout(
        () => reject(new Error(`Nobody could say whether ${file} is locked.`)),
        timeoutSeconds * 1000 + graceMilliseconds,
      );
      const settle = (then: () => void) => () => {
        clearTimeout(late);
        then();
      };
      holder.stdout.once("data", settle(resolve));
      holder.once(
        "error",
        settle(() => reject(new Error("flock, of Debian's package util-linux, cannot be run."))),
      );
      holder.once(
        "exit",
        settle(() => reject(new Error(`Somebody else holds ${file} for over ${timeoutSeconds} s.`))),
      );
    });
    return await act();
  } finally {
    holder.stdin.end();
    await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, graceMilliseconds).unref())]);
    holder.kill("SIGKILL");
  }
};
