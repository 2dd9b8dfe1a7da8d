import fc from "fast-check";
import { setImmediate as nextTick } from "node:timers/promises";
import { expect, test } from "vitest";
import { inTurn } from "./in-turn.ts";

const ticks = async (count: number): Promise<void> => {
  for (let tick = 0; tick < count; tick += 1) await nextTick();
};

test("first parts never overlap and keep the order, second parts do overlap up to the bound", async () => {
  const item = fc.record({ first: fc.nat({ max: 3 }), second: fc.nat({ max: 6 }) });
  let mostAtOnce = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(item, { maxLength: 12 }), fc.integer({ min: 1, max: 4 }), async (items, atOnceMax) => {
      const begun: number[] = [];
      const ended: number[] = [];
      let inFirst = 0;
      let underWay = 0;
      await inTurn([...items.entries()], atOnceMax, async ([index, { first, second }], onMyTurnOver) => {
        begun.push(index);
        inFirst += 1;
        underWay += 1;
        expect(inFirst).toBe(1);
        expect(underWay).toBeLessThanOrEqual(atOnceMax);
        mostAtOnce = Math.max(mostAtOnce, underWay);
        await ticks(first);
        inFirst -= 1;
        onMyTurnOver();
        await ticks(second);
        underWay -= 1;
        ended.push(index);
        return true;
      });
      expect(begun).toEqual([...items.keys()]);
      expect(ended.toSorted((a, b) => a - b)).toEqual(begun);
    }),
  );
  expect(mostAtOnce).toBe(4);
});

test("who says stop lets what is under way end, and nobody behind begins", async () => {
  const ended: number[] = [];
  await inTurn([1, 2, 3, 4], 3, async (item, onMyTurnOver) => {
    if (item === 3) return false;
    onMyTurnOver();
    await ticks(10);
    ended.push(item);
    return true;
  });
  expect(ended).toEqual([1, 2]);
});

test("an error is thrown after what is under way has ended", async () => {
  const ended: number[] = [];
  const run = inTurn([1, 2, 3], 3, async (item, onMyTurnOver) => {
    if (item === 2) throw new Error("broken");
    onMyTurnOver();
    await ticks(10);
    ended.push(item);
    return true;
  });
  await expect(run).rejects.toThrow("broken");
  expect(ended).toEqual([1]);
});
