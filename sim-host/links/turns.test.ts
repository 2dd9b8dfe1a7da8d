import { setImmediate as nextTick } from "node:timers/promises";
import { expect, test } from "vitest";
import { makeTurns } from "./turns.ts";

test("what concerns one key happens one after the other, in order, also behind a failure; other keys do not wait", async () => {
  const turns = makeTurns();
  const seen: string[] = [];
  const act = (name: string, ticks: number, failure?: string) => async () => {
    seen.push(`${name} begins`);
    for (let tick = 0; tick < ticks; tick += 1) await nextTick();
    seen.push(`${name} ends`);
    if (failure !== undefined) throw new Error(failure);
    return name;
  };
  const first = turns.take("a", act("a1", 5, "broken"));
  const second = turns.take("a", act("a2", 0));
  const other = turns.take("b", act("b1", 1));
  await expect(first).rejects.toThrow("broken");
  await expect(second).resolves.toBe("a2");
  await expect(other).resolves.toBe("b1");
  expect(seen).toEqual(["a1 begins", "b1 begins", "b1 ends", "a1 ends", "a2 begins", "a2 ends"]);
});

test("settled waits for all that was asked for, whatever comes of it", async () => {
  const turns = makeTurns();
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
