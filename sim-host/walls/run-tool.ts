import { execFile } from "node:child_process";
import { DomainError } from "../../shared/kernel/errors.ts";

/** Runs a program with arguments, never a shell, and answers what it printed. @throws ToolError */
export type RunTool = (program: string, args: readonly string[], input?: string) => Promise<string>;

/** A program that ended otherwise than well. */
class ToolError extends Error {
  override readonly name = "ToolError";
  readonly isMissing: boolean;
  readonly output: string;
  constructor(message: string, options: ErrorOptions & { readonly isMissing: boolean; readonly output: string }) {
    super(message, options);
    this.isMissing = options.isMissing;
    this.output = options.output;
  }
}

const timeoutMilliseconds = 10_000;
const outputBytesMax = 16 * 1024 * 1024;
const reasonCharactersMax = 300;

/**
 * `prefix` comes before every command: `nsenter --net=...` where the engine has a network namespace of its own.
 * The environment is only a path and a language in which errors are recognised.
 */
export const makeRunTool =
  (prefix: readonly string[] = []): RunTool =>
  (program, args, input = "") =>
    new Promise((resolve, reject) => {
      const [command = program, ...words] = [...prefix, program, ...args];
      const options = {
        timeout: timeoutMilliseconds,
        killSignal: "SIGKILL" as const,
        maxBuffer: outputBytesMax,
        env: { PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", LC_ALL: "C" },
      };
      const child = execFile(command, words, options, (error, stdout, stderr) => {
        if (error === null) {
          resolve(stdout);
          return;
        }
        const isMissing = error.code === "ENOENT";
        const output = stderr.trim().slice(-reasonCharactersMax);
        const reason = isMissing
          ? "is not installed"
          : error.killed === true
            ? "did not end in time"
            : `failed: ${output}`;
        reject(new ToolError(`${program} ${reason}`, { cause: error, isMissing, output }));
      });
      // It may end before it has read everything; its exit code says more than the broken pipe.
      child.stdin?.on("error", () => undefined);
      child.stdin?.end(input);
    });

/** What a failed tool means to callers: the walls are not there, whatever the reason. */
export const toolUnavailable = (error: unknown): DomainError => {
  const reason = error instanceof Error ? error.message : String(error);
  const isRightMissing = /permission denied|operation not permitted|must be root/i.test(reason);
  const hint = isRightMissing ? "; it takes root, or CAP_NET_ADMIN and CAP_NET_RAW" : "";
  return new DomainError("unavailable", `The firewall cannot be read or set: ${reason}${hint}.`, { cause: error });
};
