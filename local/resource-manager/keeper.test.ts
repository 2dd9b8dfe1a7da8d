import { describe, expect, it } from "vitest";
import { backoffMilliseconds } from "./keeper.ts";

describe("backoffMilliseconds", () => {
  it("starts at once, doubles, and stays at ten seconds", () => {
    expect([0, 1, 2, 3, 4, 7, 50, 5000].map(backoffMilliseconds)).toEqual([
      0, 200, 400, 800, 1600, 10_000, 10_000, 10_000,
    ]);
  });
});
