import { describe, expect, it } from "vitest";
import { parseSchedule } from "./schedule.ts";
import { resumeStatus } from "./timer-status.ts";

const hourly = parseSchedule("0 0 * * * *");
const at = (text: string): Date => new Date(`2026-01-01T${text}Z`);

describe("going on with a timer after a restart", () => {
  it("waits for the first occurrence when nothing is remembered", () => {
    const { status, isPastDue } = resumeStatus(hourly, undefined, at("10:30:00"));
    expect({ next: status.next, isPastDue }).toEqual({ next: at("11:00:00"), isPastDue: false });
  });

  it("is past due when an occurrence went by meanwhile", () => {
    const stored = { last: at("09:00:00"), next: at("10:00:00"), lastUpdated: at("09:00:00") };
    expect(resumeStatus(hourly, stored, at("10:00:01"))).toEqual({ status: stored, isPastDue: true });
    expect(resumeStatus(hourly, stored, at("09:59:59")).isPastDue).toBe(false);
  });

  it("is past due for a timer that has never run", () => {
    const stored = { last: undefined, next: at("10:00:00"), lastUpdated: at("09:10:00") };
    expect(resumeStatus(hourly, stored, at("12:30:00")).isPastDue).toBe(true);
  });

  it("starts afresh when the schedule has changed", () => {
    const stored = { last: at("09:00:00"), next: at("09:05:00"), lastUpdated: at("09:00:00") };
    const { status, isPastDue } = resumeStatus(hourly, stored, at("12:30:00"));
    expect({ next: status.next, last: status.last, isPastDue }).toEqual({
      next: at("13:00:00"),
      last: undefined,
      isPastDue: false,
    });
  });
});
