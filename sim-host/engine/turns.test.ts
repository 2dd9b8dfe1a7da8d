import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { turns } from "./turns.ts";

const acts = fc.array(
  fc.record({
    keys: fc.uniqueArray(fc.constantFrom("a", "b", "c", "d"), { maxLength: 3 }),
    isFailing: fc.boolean(),
    leavesEarly: fc.boolean(),
  }),
  { maxLength: 14 },
);

describe("turns by keys", () => {
  it("let no two acts with a common key be under way, and let all happen", async () => {
    await fc.assert(
      fc.asyncProperty(acts, fc.scheduler(), async (all, scheduler) => {
        const inTurn = turns(60_000);
        const busy = new Set<string>();
        const asked = all.map(({ keys, isFailing, leavesEarly }) =>
          inTurn(keys, async (leave) => {
            for (const key of keys) {
              expect(busy.has(key)).toBe(false);
              busy.add(key);
            }
            await scheduler.schedule(Promise.resolve());
            for (const key of keys) busy.delete(key);
            if (leavesEarly) {
              leave();
              await scheduler.schedule(Promise.resolve());
            }
            if (isFailing) throw new Error("as it should");
          }),
        );
        const results = await scheduler.waitFor(Promise.allSettled(asked));
        expect(results.map(({ status }) => status === "rejected")).toStrictEqual(all.map((one) => one.isFailing));
      }),
    );
  });

  it("keep nobody waiting who could begin", async () => {
    const inTurn = turns(60_000);
    const begun: string[] = [];
    const ends = new Map<string, () => void>();
    const ask = (name: string, ...keys: readonly string[]) =>
      inTurn(keys, () => {
        begun.push(name);
        return new Promise<void>((resolve) => ends.set(name, resolve));
      });
    const all = [ask("1", "a", "b"), ask("2", "b", "c"), ask("3", "c", "d"), ask("4"), ask("5", "d", "a")];
    const next = () => new Promise((resolve) => setImmediate(resolve));
    await next();
    expect(begun).toStrictEqual(["1", "3", "4"]);
    for (const name of ["1", "3", "2", "4", "5"]) {
      ends.get(name)?.();
      await next();
    }
    await Promise.all(all);
    expect(begun).toStrictEqual(["1", "3", "4", "2", "5"]);
  });

  it("let nobody be passed by for ever", async () => {
    const inTurn = turns(60_000);
    const begun: string[] = [];
    const step = async (name: string): Promise<void> => {
      begun.push(name);
      await new Promise((resolve) => setImmediate(resolve));
    };
    // There is always one at `a` or `b`, so that nobody would ever find both free.
    const crowd = Array.from({ length: 60 }, (_, at) => inTurn([at % 2 === 0 ? "a" : "b"], () => step("one")));
    const both = inTurn(["a", "b"], () => step("both"));
    const more = Array.from({ length: 60 }, (_, at) => inTurn([at % 3 === 0 ? "a" : "b"], () => step("late")));
    await Promise.all([...crowd, both, ...more]);
    expect(begun.slice(begun.indexOf("both")).filter((name) => name === "late").length).toBeGreaterThanOrEqual(52);
  });

  it("pass on when an act leaves before it is over", async () => {
    const inTurn = turns(60_000);
    const held: PromiseWithResolvers<string> = Promise.withResolvers();
    const first = inTurn(["a"], (leave) => {
      leave();
      return held.promise;
    });
    expect(await inTurn(["a"], () => Promise.resolve("second"))).toBe("second");
    const blocker: PromiseWithResolvers<string> = Promise.withResolvers();
    const third = inTurn(["a"], () => blocker.promise);
    held.resolve("first");
    expect(await first).toBe("first");
    // What the first held has passed on: its end does not give away what the third holds.
    let hasFourthBegun = false;
    const fourth = inTurn(["a"], () => {
      hasFourthBegun = true;
      return Promise.resolve("fourth");
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(hasFourthBegun).toBe(false);
    blocker.resolve("third");
    expect(await Promise.all([third, fourth])).toStrictEqual(["third", "fourth"]);
  });

  it("refuse who has waited too long, and let the others go on", async () => {
    const inTurn = turns(5);
    const held: PromiseWithResolvers<string> = Promise.withResolvers();
    const first = inTurn(["a"], () => held.promise);
    await expect(inTurn(["a"], () => Promise.resolve("never"))).rejects.toMatchObject({ code: "unavailable" });
    held.resolve("held");
    expect(await first).toBe("held");
    expect(await inTurn(["a"], () => Promise.resolve("next"))).toBe("next");
  });
});
