import { array, assert, constant, integer, oneof, property, record } from "fast-check";
import { expect, test } from "vitest";
import { makeDepartures } from "./departures.ts";

const addition = record({ kind: constant("add" as const), at: integer({ min: 0, max: 20 }) });
const taking = record({ kind: constant("take" as const), now: integer({ min: 0, max: 25 }) });

test("what is due leaves by its time, and in the order of its coming at the same time", () => {
  assert(
    property(array(oneof(addition, taking), { maxLength: 200 }), (steps) => {
      const departures = makeDepartures<number>();
      let model: { readonly at: number; readonly item: number }[] = [];
      steps.forEach((step, item) => {
        if (step.kind === "add") {
          departures.add(step.at, item);
          model = [...model, { at: step.at, item }].sort((one, other) => one.at - other.at || one.item - other.item);
        } else {
          const due = model[0] !== undefined && model[0].at <= step.now ? model.shift()?.item : undefined;
          expect(departures.takeDue(step.now)).toBe(due);
        }
        expect(departures.nextAt()).toBe(model[0]?.at ?? Infinity);
      });
    }),
  );
});

test("ten thousand leave in order", () => {
  const departures = makeDepartures<number>();
  const times = Array.from({ length: 10_000 }, (_, index) => (index * 7919) % 10_007);
  for (const at of times) departures.add(at, at);
  const left = times.map(() => departures.takeDue(Infinity));
  expect(left).toEqual(times.toSorted((one, other) => one - other));
  expect(departures.takeDue(Infinity)).toBeUndefined();
});
