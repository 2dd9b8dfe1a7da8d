import { describe, expect, it } from "vitest";
import { limiter } from "./limiter.ts";

describe("limiter", () => {
  it("runs so many at once, the rest in order, and survives failures", async () => {
    const inTurn = limiter(2);
    const started: number[] = [];
    const finish: (() => void)[] = [];
    const outcomes = [0, 1, 2, 3].map((place) =>
      inTurn(async () => {
        started.push(place);
        await new Promise<void>((resolve) => finish.push(resolve));
        if (place === 0) throw new Error("failed");
        return place;
      }),
    );
    const settled = Promise.allSettled(outcomes);
    expect(started).toEqual([0, 1]);
    for (const place of [0, 1, 2, 3]) {
      finish[place]?.();
      await new Promise((resolve) => setImmediate(resolve));
      expect(started).toHaveLength(Math.min(4, place + 3));
    }
    expect((await settled).map((result) => result.status)).toEqual(["rejected", "fulfilled", "fulfilled", "fulfilled"]);
  });
});
