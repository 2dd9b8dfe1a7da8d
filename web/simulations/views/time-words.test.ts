import { expect, it } from "vitest";
import { clockText, lengthWords, momentWords, secondsUntil, timeOfDay } from "./time-words.ts";

it.each([
  [-5, "0 seconds"],
  [1, "1 second"],
  [89, "89 seconds"],
  [90, "2 minutes"],
  [60 * 60, "60 minutes"],
  [90 * 60, "1 hour 30 minutes"],
  [8 * 3_600, "8 hours"],
])("says %d seconds as %s", (seconds, words) => {
  expect(lengthWords(seconds)).toBe(words);
});

it("counts from now to a moment, and shows it as a clock does", () => {
  expect(secondsUntil("2026-01-01T00:02:05Z", new Date("2026-01-01T00:00:00Z"))).toBe(125);
  expect([0, 9.9, 125, -3].map(clockText)).toEqual(["0:00", "0:09", "2:05", "0:00"]);
});

it("leaves the day out where it is today's", () => {
  const moment = new Date(2026, 0, 2, 13, 5).toISOString();
  expect(momentWords(moment, new Date(2026, 0, 2, 23, 0))).toBe(timeOfDay(moment));
  const later = momentWords(moment, new Date(2026, 0, 3, 0, 1));
  expect(later).toContain(timeOfDay(moment));
  expect(later).toMatch(/\b2\b/);
});
