import { describe, expect, it } from "vitest";
import { knobs, presets } from "./impairment-scale.ts";

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

it("offers lines that sliders can show", () => {
  for (const [name, impairment] of presets) {
    for (const { member, placeOf } of knobs) {
      const place = placeOf(impairment[member]);
      expect(place >= 0 && place <= 100, `${name}, ${member}`).toBe(true);
    }
  }
});
