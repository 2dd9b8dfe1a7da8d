import { execFile } from "node:child_process";

/** The kernel's own tools, of iproute2 and util-linux. */
type Program = "ip" | "tc" | "nsenter";

const timeoutMilliseconds = 10_000;
const outputBytesMax = 16 * 1024 * 1024;
/** Neither the place of a program nor its language depends on who started the host. */
export const commandEnvironment = { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", LC_ALL: "C" };

/** A program said no; `message` is for operators. */
export class CommandFailed extends Error {
  override readonly name = "CommandFailed";
  /** What it wrote about it. */
  readonly detail: string;
  constructor(program: string, detail: string, options: ErrorOptions) {
    super(`${program} failed: ${detail}`, options);
    this.detail = detail;
  }
}

/** What a program printed; no shell is involved. `input` is what it reads. @throws CommandFailed */
export type RunCommand = (program: Program, args: readonly string[], input?: string) => Promise<string>;

export const runCommand: RunCommand = (program, args, input = "") =>
  new Promise((resolve, reject) => {
    const options = {
      timeout: timeoutMilliseconds,
      killSignal: "SIGKILL",
      maxBuffer: outputBytesMax,
      env: commandEnvironment,
      encoding: "utf8",
    } as const;
    const child = execFile(program, args, options, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new CommandFailed(program, stderr.trim() || error.message, { cause: error }));
    });
    // It may end before it has read everything; its exit code says more than the broken pipe.
    child.stdin?.on("error", () => undefined);
    child.stdin?.end(input);
  });
