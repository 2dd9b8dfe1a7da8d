import { describe, expect, it } from "vitest";
import type { Sample } from "./counters.ts";
import { makeTally } from "./counters.ts";

const sample = (frames: number, lost = 0): Sample => ({
  ...{ link: "front", from: "client", to: "web", frames, lost, corrupted: 0, overflowed: 0 },
});

describe("counting a run's frames", () => {
  it("leaves out what was counted before it", () => {
    const tally = makeTally();
    tally.begin([sample(100, 10)]);
    tally.add("front", [sample(130, 12)]);
    tally.add("front", [sample(140, 12)]);
    expect(tally.totals()).toMatchObject([{ link: "front", from: "client", to: "web", frames: 40, lost: 2 }]);
  });

  it("goes on where a counter begins anew, also when it was gone for a while", () => {
    const tally = makeTally();
    tally.begin([sample(100)]);
    tally.add("front", [sample(110)]);
    tally.add("front", [sample(5)]);
    tally.add("front", []);
    tally.add("front", [sample(50)]);
    expect(tally.totals()).toMatchObject([{ frames: 10 + 5 + 50 }]);
  });

  it("keeps a link's counters while another one is looked at", () => {
    const tally = makeTally();
    tally.add("front", [sample(10)]);
    tally.add("back", []);
    tally.add("front", [sample(11)]);
    expect(tally.totals()).toMatchObject([{ frames: 11 }]);
  });
});
