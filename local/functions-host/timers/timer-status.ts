import path from "node:path";
import { z } from "zod";
import { writePrivateFile } from "../core/atomic-file.ts";
import { readJsonFile } from "../settings/environment.ts";
import type { Schedule } from "./schedule.ts";

const TimerStatusFile = z.object({
  last: z.iso.datetime().nullable(),
  next: z.iso.datetime(),
  lastUpdated: z.iso.datetime(),
});

/** What is remembered of a timer between two lives of the host. */
export interface TimerStatus {
  /** Undefined when it has not run since the schedule was set. */
  readonly last: Date | undefined;
  readonly next: Date;
  readonly lastUpdated: Date;
}

const statusFile = (directory: string, functionName: string): string =>
  path.join(directory, `${encodeURIComponent(functionName)}.json`);

export const readTimerStatus = async (directory: string, functionName: string): Promise<TimerStatus | undefined> => {
  const content = await readJsonFile(statusFile(directory, functionName));
  if (content === undefined) return undefined;
  const { last, next, lastUpdated } = TimerStatusFile.parse(content);
  return {
    last: last === null ? undefined : new Date(last),
    next: new Date(next),
    lastUpdated: new Date(lastUpdated),
  };
};

export const writeTimerStatus = (directory: string, functionName: string, status: TimerStatus): Promise<void> =>
  writePrivateFile(statusFile(directory, functionName), JSON.stringify({ ...status, last: status.last ?? null }));

/**
 * The status to go on with after a start, and whether a run was missed meanwhile. A schedule that has changed never
 * counts as missed. Source: webjobs-sdk-extensions Timers/Scheduling/ScheduleMonitor.cs.
 */
export const resumeStatus = (
  schedule: Schedule,
  stored: TimerStatus | undefined,
  now: Date,
): { readonly status: TimerStatus; readonly isPastDue: boolean } => {
  if (stored === undefined) {
    return { status: { last: undefined, next: schedule.nextAfter(now), lastUpdated: now }, isPastDue: false };
  }
  const expected = schedule.nextAfter(stored.last ?? stored.lastUpdated);
  if (expected.getTime() === stored.next.getTime()) return { status: stored, isPastDue: now > stored.next };
  const next = now > expected ? schedule.nextAfter(now) : expected;
  return { status: { last: undefined, next, lastUpdated: now }, isPastDue: false };
};
