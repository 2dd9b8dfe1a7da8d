import { expect, it } from "vitest";
import { linkText } from "./describe-link.ts";

const loses = (lossPercent: number) => ({ lossPercent });
const link = (nodes: readonly string[], directions: Readonly<Record<string, number>>, isDown = false) => ({
  ...{ name: "lan", nodes, isDown },
  directions: Object.entries(directions).map(([[from = "", to = ""], loss]) => ({
    ...{ from, to, impairment: loses(loss) },
  })),
});

it.each([
  [link(["a", "b"], {}), link(["a", "b"], {}, true), "lan is down"],
  [link(["a", "b"], {}, true), link(["a", "b"], {}), "lan is up again"],
  [link(["a", "b"], {}), link(["a", "b"], { ab: 5, ba: 5 }), "lan: 5 % lost"],
  [link(["a", "b"], { ab: 5, ba: 5 }), link(["a", "b"], {}), "lan: unimpaired"],
  [link(["a", "b"], { ab: 5, ba: 5 }), link(["a", "b"], { ab: 7, ba: 5 }), "lan from a to b: 7 % lost"],
  [
    link(["a", "b", "c"], { ab: 5 }),
    link(["a", "b", "c"], { ac: 5 }),
    "lan from a to b: unimpaired; from a to c: 5 % lost",
  ],
  [link(["a", "b", "c"], {}), link(["a", "b", "c"], { ab: 1, ac: 2, bc: 3 }), "lan: 3 of 6 directions are otherwise"],
])("says what a link is like now that it has changed", (before, after, text) => {
  expect(linkText(after.nodes, before, after)).toBe(text);
});
