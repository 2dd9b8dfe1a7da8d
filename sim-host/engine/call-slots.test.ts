import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { callSlots } from "./call-slots.ts";

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe("slots for calls", () => {
  it("never let more begin than there is room for, and let everybody in, in order", async () => {
    const act = fc.record({ isFailing: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 4 }),
        fc.array(act, { maxLength: 20 }),
        fc.scheduler(),
        async (atOnceMax, acts, scheduler) => {
          const slots = callSlots(atOnceMax, 60_000);
          const begun: number[] = [];
          let underWay = 0;
          const all = acts.map(({ isFailing }, number) =>
            slots(async () => {
              begun.push(number);
              underWay += 1;
              expect(underWay).toBeLessThanOrEqual(atOnceMax);
              await scheduler.schedule(Promise.resolve());
              underWay -= 1;
              if (isFailing) throw new Error("as it should");
              return number;
            }),
          );
          const results = await scheduler.waitFor(Promise.allSettled(all));
          expect(begun).toStrictEqual(acts.map((_, number) => number));
          expect(results.map(({ status }) => status)).toStrictEqual(
            acts.map(({ isFailing }) => (isFailing ? "rejected" : "fulfilled")),
          );
        },
      ),
    );
  });

  it("refuse who has waited too long, and are not lost to those", async () => {
    const slots = callSlots(1, 5);
    const held = Promise.withResolvers<string>();
    const first = slots(() => held.promise);
    await expect(slots(() => Promise.resolve("never"))).rejects.toMatchObject({ code: "unavailable" });
    held.resolve("done");
    expect(await first).toBe("done");
    await settled();
    expect(await slots(() => Promise.resolve("next"))).toBe("next");
  });
});
