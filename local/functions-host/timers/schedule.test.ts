import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseSchedule } from "./schedule.ts";

const next = (expression: string, after: string): string =>
  parseSchedule(expression).nextAfter(new Date(after)).toISOString();

describe("a timer's schedule", () => {
  it.each([
    ["0 */5 * * * *", "2026-01-01T00:00:00Z", "2026-01-01T00:05:00.000Z"],
    ["*/5 * * * *", "2026-01-01T00:04:59.999Z", "2026-01-01T00:05:00.000Z"],
    ["*/2 * * * * *", "2026-01-01T00:00:01.500Z", "2026-01-01T00:00:02.000Z"],
    ["0 30 9 * JAN MON-FRI", "2026-01-30T10:00:00Z", "2027-01-01T09:30:00.000Z"],
    ["0 0 0 29 2 *", "2026-03-01T00:00:00Z", "2028-02-29T00:00:00.000Z"],
    ["15,45 0 12 1 */3 *", "2026-01-01T12:00:15Z", "2026-01-01T12:00:45.000Z"],
    ["0 0 10/4 * * *", "2026-01-01T15:00:00Z", "2026-01-01T18:00:00.000Z"],
    ["0 0 22-20 * * *", "2026-01-01T00:00:00Z", "2026-01-01T20:00:00.000Z"],
    ["59 59 23 31 12 *", "2026-12-31T23:59:59Z", "2027-12-31T23:59:59.000Z"],
  ])("%s after %s is %s", (expression, after, expected) => {
    expect(next(expression, after)).toBe(expected);
  });

  it("needs both the day and the day of the week to match, unlike Unix cron", () => {
    expect(next("0 0 0 13 * FRI", "2026-01-01T00:00:00Z")).toBe("2026-02-13T00:00:00.000Z");
  });

  it("takes an interval from the last run", () => {
    expect(next("01:30:00", "2026-01-01T00:00:00.250Z")).toBe("2026-01-01T01:30:00.250Z");
  });

  it.each([
    "",
    "* * *",
    "0 60 * * * *",
    "0 * * 0 * *",
    "0 * * * 13 *",
    "0 * * * * 7",
    "0 */0 * * * *",
    "a b c d e f",
    "00:00:00",
    "0 1-2-3 * * * *",
  ])("refuses %j", (expression) => {
    expect(() => parseSchedule(expression)).toThrow(Error);
  });

  it("refuses a date that never comes", () => {
    expect(() => next("0 0 0 31 2 *", "2026-01-01T00:00:00Z")).toThrow("never occurs");
  });

  it("knows schedules faster than a minute", () => {
    expect(parseSchedule("*/30 * * * * *").isFasterThanOneMinute).toBe(true);
    expect(parseSchedule("30 * * * * *").isFasterThanOneMinute).toBe(false);
    expect(parseSchedule("00:00:59").isFasterThanOneMinute).toBe(true);
  });

  it("finds the first second that matches, never one before", () => {
    const field = (lowest: number, highest: number) =>
      fc.uniqueArray(fc.integer({ min: lowest, max: highest }), { minLength: 1, maxLength: 4 });
    const start = fc.integer({ min: 0, max: 86_400 * 300 }).map((seconds) => Date.UTC(2026, 0, 1) + seconds * 1000);
    fc.assert(
      fc.property(field(0, 59), field(0, 59), field(0, 23), start, (seconds, minutes, hours, startAt) => {
        const found = parseSchedule(`${seconds.join()} ${minutes.join()} ${hours.join()} * * *`).nextAfter(
          new Date(startAt),
        );
        const matches = (time: Date): boolean =>
          seconds.includes(time.getUTCSeconds()) &&
          minutes.includes(time.getUTCMinutes()) &&
          hours.includes(time.getUTCHours());
        expect(matches(found)).toBe(true);
        for (let at = startAt + 1000; at < found.getTime(); at += 1000) {
          if (matches(new Date(at))) throw new Error(`passed over ${new Date(at).toISOString()}`);
        }
      }),
      { numRuns: 50 },
    );
  });
});
