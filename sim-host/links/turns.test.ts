import fc from "fast-check";
import { setImmediate as nextTick } from "node:timers/promises";
import { expect, test } from "vitest";
import { makeTurns } from "./turns.ts";

const ticks = async (count: number): Promise<void> => {
  for (let tick = 0; tick < count; tick += 1) await nextTick();
};

test("what concerns one key happens one after the other and in order, and so many things at a time altogether", async () => {
  const things = fc.array(
    fc.record({ key: fc.constantFrom("a", "b", "c", "d"), ticks: fc.nat({ max: 4 }), fails: fc.boolean() }),
    { maxLength: 15 },
  );
  let mostAtOnce = 0;
  await fc.assert(
    fc.asyncProperty(things, fc.integer({ min: 1, max: 3 }), async (asked, atOnceMax) => {
      const turns = makeTurns(atOnceMax);
      const begun: Record<string, number[]> = { a: [], b: [], c: [], d: [] };
      const underWay = new Set<string>();
      const outcomes = asked.map(({ key, ticks: count, fails }, index) =>
        turns
          .take(key, async () => {
            expect(underWay.has(key)).toBe(false);
            underWay.add(key);
            expect(underWay.size).toBeLessThanOrEqual(atOnceMax);
            mostAtOnce = Math.max(mostAtOnce, underWay.size);
            begun[key]?.push(index);
            await ticks(count);
            underWay.delete(key);
            if (fails) throw new Error(`thing ${index} failed`);
            return index;
          })
          .catch((error: unknown) => String(error)),
      );
      expect(await Promise.all(outcomes)).toEqual(
        asked.map(({ fails }, index) => (fails ? `Error: thing ${index} failed` : index)),
      );
      for (const [key, order] of Object.entries(begun))
        expect(order).toEqual([...asked.keys()].filter((index) => asked[index]?.key === key));
    }),
  );
  expect(mostAtOnce).toBe(3);
});

test("settled waits for all that was asked for, whatever comes of it", async () => {
  const turns = makeTurns(4);
  let done = 0;
  const act = async () => {
    await nextTick();
    done += 1;
    throw new Error("broken");
  };
  const asked = ["a", "a", "b"].map((key) => turns.take(key, act).catch(() => undefined));
  await turns.settled();
  expect(done).toBe(3);
  await Promise.all(asked);
});
