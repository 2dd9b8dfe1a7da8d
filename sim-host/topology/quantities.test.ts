import { assert, constantFrom, integer, property, string } from "fast-check";
import { describe, expect, it } from "vitest";
import { memory, milliseconds, percentage, rate, seconds } from "./quantities.ts";

const kinds = { memory, milliseconds, percentage, rate, seconds };

describe("quantities", () => {
  it.each([
    [seconds, "20ms", 0.02],
    [milliseconds, "0.25ms", 0.25],
    [milliseconds, "1.005s", 1_005],
    [seconds, "1.1s", 1.1],
    [seconds, "2m", 120],
    [seconds, "24h", 86_400],
    [percentage, "0.1%", 0.1],
    [percentage, "100%", 100],
    [rate, "8kbit", 8_000],
    [rate, "0.5mbit", 500_000],
    [rate, "10gbit", 10_000_000_000],
    [rate, "9600bit", 9_600],
    [memory, "64MB", 64],
    [memory, "1GB", 1_024],
    [memory, "1.5GB", 1_536],
  ])("%# reads %j %s as %d", (kind, text, value) => {
    expect(kind.valueOf(text)).toBe(value);
  });

  it("reads whole amounts exactly, with every unit", () => {
    const units = constantFrom(
      ...([
        ["s", seconds, 1],
        ["m", seconds, 60],
        ["h", seconds, 3_600],
        ["%", percentage, 1],
      ] as const),
      ...([
        ["bit", rate, 1],
        ["mbit", rate, 1_000_000],
        ["MB", memory, 1],
        ["GB", memory, 1_024],
      ] as const),
    );
    assert(
      property(integer({ min: 0, max: 999_999 }), units, (amount, [unit, kind, factor]) => {
        expect(kind.valueOf(`${amount}${unit}`)).toBe(amount * factor);
      }),
    );
  });

  it("reads fractions as their decimal digits say", () => {
    assert(
      property(integer({ min: 0, max: 86_400_000 }), (count) => {
        const text = `${Math.floor(count / 1_000)}.${String(count % 1_000).padStart(3, "0")}s`;
        expect(milliseconds.valueOf(text)).toBe(count);
        expect(seconds.valueOf(text)).toBe(count / 1_000);
        expect(seconds.valueOf(`${count}ms`)).toBe(count / 1_000);
      }),
    );
  });

  it("has a value exactly for what its pattern lets pass", () => {
    const hostile = constantFrom("", "1", "ms", "-1s", "+1s", "1 s", "1e3s", "1e999s", ".5s", "1.s", "0x10s", "1,5s");
    const pieces = string({ unit: constantFrom(..."0123456789.smhMGBkbitg%-e \n".split("")), maxLength: 14 });
    const odd = constantFrom(
      "Infinity%",
      "NaN%",
      "1constructor",
      "1__proto__",
      "1toString",
      "1S",
      "1mb",
      "١s",
      "1s\n",
      "9".repeat(400) + "s",
    );
    for (const { pattern, valueOf, examples } of Object.values(kinds)) {
      for (const example of examples) expect(valueOf(example)).toBeGreaterThan(0);
      for (const texts of [hostile, pieces, odd]) {
        assert(
          property(texts, (text) => {
            const value = valueOf(text);
            expect(value !== undefined).toBe(pattern.test(text));
            expect(value === undefined || (Number.isFinite(value) && value >= 0)).toBe(true);
          }),
        );
      }
    }
  });
});
