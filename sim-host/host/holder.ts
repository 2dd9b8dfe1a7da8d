import { readFileSync } from "node:fs";
import { hostname } from "node:os";

/** The field of `/proc/<pid>/stat` that says when a process began, in clock ticks since the machine did (proc(5)). */
const beginField = 22;

const readText = (file: string): string | undefined => {
  try {
    return readFileSync(file, "utf8");
  } catch {
    // Gone, which is the answer that was asked for.
    return undefined;
  }
};

/** When a process began; undefined when there is none. A process id alone is used again. */
const beginOf = (pid: number): string | undefined => {
  const text = readText(`/proc/${pid}/stat`);
  // The program's name stands in brackets and may hold anything; fields are counted behind it.
  return text?.slice(text.lastIndexOf(")") + 2).split(" ")[beginField - 3];
};

const machine = (): string => `${hostname()}/${readText("/proc/sys/kernel/random/boot_id")?.trim() ?? ""}`;

/** This process, unlike any other on any machine at any time. */
export const thisHolder = (): string => `${machine()}/${process.pid}/${beginOf(process.pid) ?? ""}`;

/** Whether a holder of this machine has ended; of other machines nobody can tell. */
export const isHolderGone = (holder: string): boolean => {
  const prefix = `${machine()}/`;
  if (!holder.startsWith(prefix)) return false;
  const [pid = "", begin = ""] = holder.slice(prefix.length).split("/");
  return beginOf(Number(pid)) !== begin;
};
