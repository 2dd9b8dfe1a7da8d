import { describe, expect, it } from "vitest";
import type { Comparison, Run } from "../api/run-shapes.ts";
import { comparisonRows, comparisonWords } from "./comparison-rows.ts";

const reach = (reached: number, first: number | null, median: number | null) => ({
  ...{ probes: 20, reached, firstReachedAtSeconds: first, medianMilliseconds: median },
});
const assertion = (name: string, verdict: Run["assertions"][number]["verdict"]): Run["assertions"][number] => ({
  ...{ name, verdict, what: "", expect: "always", reason: "", fromSeconds: 0, untilSeconds: 20, probes: [] },
});
const comparison: Comparison = {
  earlier: { id: "run-1", status: "failed" },
  later: { id: "run-2", status: "passed" },
  isSameTopology: false,
  differences: [
    { name: "mended", earlier: { verdict: "failed" }, later: { verdict: "passed" } },
    { name: "added", earlier: { verdict: "absent" }, later: { verdict: "failed" } },
    { name: "dropped", earlier: { verdict: "not-probed" }, later: { verdict: "absent" } },
  ],
  timings: [
    { name: "same", earlier: reach(20, 0.02, 0.4), later: reach(20, 0.04, 0.3) },
    { name: "mended", earlier: reach(0, null, null), later: reach(18, 3.26, 12.4) },
  ],
};

describe("two runs held against each other", () => {
  it("say of each assertion what came of it, and how well its node was reached, and what that was before", () => {
    const assertions = [assertion("same", "passed"), assertion("mended", "passed"), assertion("added", "failed")];
    const rows = comparisonRows(comparison, { assertions });
    expect(rows.map(({ name, verdict, before }) => [name, verdict.words, before])).toEqual([
      ["same", "Passed", undefined],
      ["mended", "Passed", "Failed"],
      ["added", "Failed", "not there"],
      ["dropped", "Not in this run", "Not decided"],
    ]);
    expect(rows.map(({ reached, first, usual }) => [reached, first, usual])).toEqual([
      ["20 of 20 probes", "0 s", "below 1 ms"],
      ["18 of 20 probes, before 0 of 20 probes", "3.3 s, before never", "12 ms, before –"],
      ["–", "–", "–"],
      ["–", "–", "–"],
    ]);
  });

  it.each([
    [comparison, "3 assertions came out otherwise than before. The topology was changed between the two."],
    [
      { ...comparison, differences: [], isSameTopology: true },
      "Every assertion came out as before. Topology and seed are the same: what differs comes from the nodes, or from the moments at which things happened.",
    ],
  ])("say in a sentence what differs", (given, words) => {
    expect(comparisonWords(given)).toBe(words);
  });
});
