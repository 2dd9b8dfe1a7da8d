import { readdirSync } from "node:fs";
import { libcCalls } from "./libc.ts";

const SCHED_RR = 2;
/** The lowest of real time: before all ordinary programs, behind everything else that is in a hurry. */
const priority = 1;

/**
 * Has this process run as soon as it may: frames have a time to keep, and on a busy machine an ordinary program waits tens of
 * milliseconds for its turn, however nice others are to it. The kernel leaves ordinary programs a share of each processor
 * even when this one is never idle. False: that is not allowed here; delays are inexact while the machine is busy.
 */
export const takePriority = (): boolean => {
  const parameters = Buffer.alloc(4);
  parameters.writeInt32LE(priority);
  // All threads: whoever waits for the garbage collector's waits as long as they do. New ones inherit it.
  const results = readdirSync("/proc/self/task").map((thread) =>
    libcCalls.sched_setscheduler(Number(thread), SCHED_RR, parameters),
  );
  return results.every((result) => result === 0);
};
