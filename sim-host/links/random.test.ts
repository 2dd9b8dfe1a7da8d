import { expect, test } from "vitest";
import { makeRandom } from "./random.ts";

const draws = (seed: string, count: number): readonly number[] => {
  const random = makeRandom(seed);
  return Array.from({ length: count }, () => random());
};

test("a seed has its sequence, for ever: a run of last year can be repeated", () => {
  // Made by another implementation of sfc32, with unsigned words.
  const words = draws("42|front|client|web", 4).map((number) => number * 2 ** 32);
  expect(words).toEqual([4221728749, 957834529, 649881491, 1521274982]);
});

test("seeds that differ in one character have nothing in common", () => {
  const [one, other] = [draws("1|a|b", 10_000), draws("1|a|c", 10_000)];
  expect(one.filter((number, index) => number === other[index])).toEqual([]);
});

test("numbers are at least 0, less than 1, and evenly spread", () => {
  const all = draws("even", 100_000);
  expect(Math.min(...all.slice(0, 50_000))).toBeGreaterThanOrEqual(0);
  expect(Math.max(...all.slice(0, 50_000))).toBeLessThan(1);
  const tenths = Array.from({ length: 10 }, (_, tenth) => all.filter((n) => Math.floor(n * 10) === tenth).length);
  // Ten thousand each; five standard deviations are 474.
  for (const count of tenths) expect(Math.abs(count - 10_000)).toBeLessThan(474);
});
