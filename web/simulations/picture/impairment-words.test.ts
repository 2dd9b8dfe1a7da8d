import { describe, expect, it } from "vitest";
import type { Direction } from "../api/simulation-shapes.ts";
import { directionWords, linkWords } from "./impairment-words.ts";

const link = (nodes: readonly string[], directions: readonly Direction[]) => ({
  ...{ name: "lan", nodes, subnet: undefined, isDown: false, directions },
});
const slow = { delayMilliseconds: 50 };

describe("the words of a link", () => {
  it("are one line when all directions are alike", () => {
    const both = [
      { from: "a", to: "b", impairment: slow },
      { from: "b", to: "a", impairment: slow },
    ];
    expect(linkWords(link(["a", "b"], both))).toEqual(["50 ms"]);
  });

  it("say where to, when one direction is another", () => {
    expect(linkWords(link(["a", "b"], [{ from: "a", to: "b", impairment: slow }]))).toEqual(["→ b: 50 ms"]);
  });

  it("say once what both directions have, and of each what it has beside that", () => {
    const both = [
      { from: "a", to: "b", impairment: { ...slow, lossPercent: 100, rateBitsPerSecond: 1e7 } },
      { from: "b", to: "a", impairment: { ...slow, rateBitsPerSecond: 1e7 } },
    ];
    expect(linkWords(link(["a", "b"], both))).toEqual(["50 ms, 10 Mbit/s", "→ b: 100 % lost"]);
    const others = both.map((one, index) => ({ ...one, impairment: { delayMilliseconds: index + 1 } }));
    expect(linkWords(link(["a", "b"], others))).toEqual(["→ b: 1 ms", "→ a: 2 ms"]);
  });

  it("count where there are too many to name", () => {
    const some = ["b", "c", "d"].map((to) => ({ from: "a", to, impairment: slow }));
    expect(linkWords(link(["a", "b", "c", "d"], some))).toEqual(["3 of 12 directions impaired"]);
  });

  it("are none when nothing is impaired", () => {
    expect(linkWords(link(["a", "b"], []))).toEqual([]);
  });
});

it("says of a direction all that is impaired, and of the others that nothing is", () => {
  const impairment = { ...slow, jitterMilliseconds: 2, lossPercent: 1, rateBitsPerSecond: 1e7, corruptionPercent: 0.1 };
  expect(directionWords({ from: "a", to: "b", impairment })).toBe("50 ms ± 2 ms, 1 % lost, 10 Mbit/s, 0.1 % corrupted");
  expect(directionWords({ from: "a", to: "b", impairment: { lossPercent: undefined } })).toBe("unimpaired");
  expect(directionWords(undefined)).toBe("unimpaired");
});
