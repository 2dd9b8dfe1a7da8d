import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { turns } from "./turns.ts";

describe("turns by keys", () => {
  it("let no two acts with a common key be under way, keep their order, and let all happen", async () => {
    const act = fc.record({
      keys: fc.uniqueArray(fc.constantFrom("a", "b", "c"), { maxLength: 3 }),
      isFailing: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(act, { maxLength: 12 }), fc.scheduler(), async (acts, scheduler) => {
        const inTurn = turns(60_000);
        const begun = new Map<string, number[]>();
        const busy = new Set<string>();
        const all = acts.map(({ keys, isFailing }, number) =>
          inTurn(keys, async () => {
            for (const key of keys) {
              expect(busy.has(key)).toBe(false);
              busy.add(key);
              begun.set(key, [...(begun.get(key) ?? []), number]);
            }
            await scheduler.schedule(Promise.resolve());
            for (const key of keys) busy.delete(key);
            if (isFailing) throw new Error("as it should");
          }),
        );
        const results = await scheduler.waitFor(Promise.allSettled(all));
        expect(results.map(({ status }) => status === "rejected")).toStrictEqual(acts.map((one) => one.isFailing));
        for (const numbers of begun.values()) expect(numbers).toStrictEqual([...numbers].sort((a, b) => a - b));
      }),
    );
  });

  it("keep nobody waiting who shares nothing", async () => {
    const inTurn = turns(60_000);
    const held: PromiseWithResolvers<string> = Promise.withResolvers();
    const first = inTurn(["a", "b"], () => held.promise);
    expect(await inTurn(["c"], () => Promise.resolve("other"))).toBe("other");
    expect(await inTurn([], () => Promise.resolve("none"))).toBe("none");
    held.resolve("held");
    expect(await first).toBe("held");
  });

  it("refuse who has waited too long, without letting the next one overtake", async () => {
    const inTurn = turns(5);
    const held: PromiseWithResolvers<string> = Promise.withResolvers();
    const first = inTurn(["a"], () => held.promise);
    await expect(inTurn(["a"], () => Promise.resolve("never"))).rejects.toMatchObject({ code: "unavailable" });
    await expect(inTurn(["a"], () => Promise.resolve("nor this"))).rejects.toMatchObject({ code: "unavailable" });
    held.resolve("held");
    await first;
    expect(await inTurn(["a"], () => Promise.resolve("next"))).toBe("next");
  });
});
