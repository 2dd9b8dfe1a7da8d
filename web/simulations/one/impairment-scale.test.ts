import { describe, expect, it } from "vitest";
import { knobs, presets, readAmount, settled } from "./impairment-scale.ts";

const places = Array.from({ length: 101 }, (_, place) => place);

describe.each(knobs.map((knob) => [knob.label, knob] as const))(
  "the slider of %s",
  (_, { valueAt, placeOf, max, factor }) => {
    it("comes back to where it was put", () => {
      for (const place of places) {
        const value = valueAt(place);
        expect(valueAt(placeOf(value)), `at ${place}`).toBe(value);
      }
    });

    it("has values that the field takes, and none at one end only", () => {
      const values = places.map(valueAt);
      expect(values.filter((value) => value === undefined)).toHaveLength(1);
      for (const value of values) expect((value ?? 0) / factor).toBeLessThanOrEqual(max);
    });

    it("goes one way", () => {
      const values = places.map(valueAt).filter((value) => value !== undefined);
      expect(values).toEqual(values.toSorted((one, other) => one - other));
    });

    it("shows what is beyond its end as its end", () => {
      expect(placeOf(max * factor)).toBeGreaterThanOrEqual(99);
    });
  },
);

describe("a number that is typed", () => {
  const read = (label: string, typed: string, isNumber?: boolean) => {
    const knob = knobs.find((one) => one.label === label);
    return knob === undefined ? undefined : readAmount(knob, typed, isNumber);
  };

  it.each([
    ["Loss", "100", 100],
    ["Loss", "0.5", 0.5],
    ["Loss", "", undefined],
    ["Delay", "0", undefined],
    ["Rate", "8", 8_000],
    ["Rate", "0", undefined],
  ])("is what the link gets: %s %s", (label, typed, value) => {
    expect(read(label, typed)).toEqual({ value });
  });

  it.each([
    ["Loss", "150", "Loss goes from 0 to 100 %. What is in force stays."],
    ["Jitter", "-5", "Jitter goes from 0 to 60,000 ms. What is in force stays."],
    ["Rate", "7", "Rate goes from 8 to 10,000,000 kbit/s. What is in force stays."],
  ])("is refused with its bounds where it is beyond them: %s %s", (label, typed, problem) => {
    expect(read(label, typed)).toEqual({ problem });
  });

  it("is refused where it is no number, which a field hands out as nothing", () => {
    expect(read("Loss", "", false)).toHaveProperty("problem");
  });
});

describe("jitter and delay", () => {
  const slow = { delayMilliseconds: 20, jitterMilliseconds: 5, lossPercent: 1 };

  it("leave each other alone while jitter is the smaller one", () => {
    expect(settled(slow, "delayMilliseconds")).toBe(slow);
    expect(settled({ lossPercent: 1 }, "lossPercent")).toEqual({ lossPercent: 1 });
  });

  it("go together where it is not", () => {
    expect(settled({ ...slow, jitterMilliseconds: 50 }, "jitterMilliseconds")).toMatchObject({ delayMilliseconds: 50 });
    expect(settled({ ...slow, delayMilliseconds: 2 }, "delayMilliseconds")).toMatchObject({ jitterMilliseconds: 2 });
    expect(settled({ jitterMilliseconds: 5, lossPercent: 1 }, "delayMilliseconds")).toEqual({ lossPercent: 1 });
  });
});

it("offers lines that sliders can show", () => {
  for (const [name, impairment] of presets) {
    for (const { member, placeOf } of knobs) {
      const place = placeOf(impairment[member]);
      expect(place >= 0 && place <= 100, `${name}, ${member}`).toBe(true);
    }
  }
});
