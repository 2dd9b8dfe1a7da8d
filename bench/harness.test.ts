import { expect, it } from "vitest";
import type { Pair } from "./harness.ts";
import { figureOf, runPair, tableOf } from "./harness.ts";

const never = (): never => {
  throw new Error("There are no more rounds.");
};

/** A pair whose rounds take the given times, noting who was asked and when it was closed. */
const pairOf = (bound: Pair["bound"], times: readonly (readonly [number, number])[], seen: string[] = []): Pair => {
  const [measured, baseline] = [times.map(([one]) => one), times.map(([, other]) => other)];
  const next = (name: string, queue: number[]) => () => {
    seen.push(name);
    return Promise.resolve(queue.shift() ?? never());
  };
  return {
    ...{ name: "thing", measured: "ours", baseline: "theirs", bound, rounds: times.length, warmUp: 0 },
    open: () =>
      Promise.resolve({
        measure: next("measure", measured),
        compare: next("compare", baseline),
        close: () => Promise.resolve(void seen.push("close")),
      }),
  };
};

it("takes the middle, the fastest and the 95th percentile", () => {
  const upTo100 = Array.from({ length: 100 }, (_, index) => 100 - index);
  expect(figureOf([3, 1, 2])).toEqual({ median: 2, p95: 3, min: 1 });
  expect(figureOf([4, 1, 2, 3])).toMatchObject({ median: 2.5 });
  expect(figureOf(upTo100)).toEqual({ median: 50.5, p95: 96, min: 1 });
});

it("takes the median of the rounds' ratios, which holds when the machine slows down meanwhile", async () => {
  const times = [[2, 1], [40, 20], [60, 10]] as const; // prettier-ignore
  const result = await runPair(pairOf({ kind: "ratio", max: 2 }, times));
  // The ratio of the medians would be 4.
  expect(result).toMatchObject({ value: 2, isReached: true, measured: { median: 40 }, baseline: { median: 10 } });
});

it("says when a difference is missed", async () => {
  const result = await runPair(pairOf({ kind: "difference", max: 1 }, [[3.5, 2]]));
  expect(result).toMatchObject({ value: 1.5, isReached: false });
  expect(tableOf([result])).toMatch(/1\.50 ms more \(at most 1\.00 ms\) +MISSED$/);
});

it("names the unit of what is no time, and only informs where there is no aim", async () => {
  const pair = { ...pairOf({ kind: "difference" }, [[12, 2]]), unit: "things" };
  const result = await runPair(pair);
  expect(result).toMatchObject({ value: 10, isReached: true });
  expect(tableOf([result])).toMatch(/12 things \(12 things to 12 things\).+10 things more \(no aim\)$/);
});

it("never counts as reached what was not measured", async () => {
  expect(await runPair(pairOf({ kind: "ratio", max: 2 }, []))).toMatchObject({ value: Number.NaN, isReached: false });
});

it("alternates who goes first, and keeps the warm-up out of the figure", async () => {
  const seen: string[] = [];
  const times = [[900, 1], [2, 1], [2, 1]] as const; // prettier-ignore
  const pair = { ...pairOf({ kind: "ratio", max: 2 }, times, seen), rounds: 2, warmUp: 1 };
  expect(await runPair(pair)).toMatchObject({ value: 2, measured: { median: 2 } });
  expect(seen).toEqual(["measure", "compare", "measure", "compare", "compare", "measure", "close"]);
});

it("closes what it opened when a round fails", async () => {
  const seen: string[] = [];
  const pair = { ...pairOf({ kind: "ratio", max: 2 }, [], seen), rounds: 1 };
  await expect(runPair(pair)).rejects.toThrow("no more rounds");
  expect(seen.at(-1)).toBe("close");
});
