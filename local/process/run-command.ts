import { execFile } from "node:child_process";
import { promisify } from "node:util";

const execute = promisify(execFile);

/** Where and for how long a command may run. The time is in milliseconds; a command that is late is killed. */
export interface CommandOptions {
  readonly timeoutMilliseconds: number;
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
}

const stderrTail = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  const stderr = "stderr" in error && typeof error.stderr === "string" ? error.stderr.trim() : "";
  return stderr === "" ? (error.message.split("\n")[0] ?? "") : stderr.slice(-500);
};

/** Runs one program without a shell and answers its stdout. @throws Error naming the program, with the end of stderr. */
export const runCommand = async (file: string, args: readonly string[], options: CommandOptions): Promise<string> => {
  try {
    const { stdout } = await execute(file, [...args], {
      timeout: options.timeoutMilliseconds,
      killSignal: "SIGKILL",
      maxBuffer: 4 * 1024 * 1024,
      ...(options.env === undefined ? {} : { env: options.env }),
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    });
    return stdout;
  } catch (error) {
    const wasLate = error instanceof Error && "killed" in error && error.killed === true;
    const reason = wasLate ? `took longer than ${options.timeoutMilliseconds / 1000} s` : stderrTail(error);
    throw new Error(`${file} ${args[0] ?? ""}: ${reason}`.trim(), { cause: error });
  }
};
