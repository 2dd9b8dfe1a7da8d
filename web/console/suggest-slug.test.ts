import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseSlug } from "../../shared/stack/slug.ts";
import { suggestSlug } from "./suggest-slug.ts";

describe("suggestSlug", () => {
  it.each([
    ["Initech", "initech"],
    ["  Home  Lab!! ", "home-lab"],
    ["Müller & Söhne", "muller-sohne"],
    ["Straße 9", "strasse-9"],
    ["Łódź Ærø", "lodz-aero"],
    ["Ada's lab", "adas-lab"],
    ["3 Little Pigs", "little-pigs"],
    ["日本", ""],
    ["--", ""],
    [`${"a".repeat(62)}-b`, "a".repeat(62)],
  ])("makes of %j %j", (name, slug) => {
    expect(suggestSlug(name)).toBe(slug);
  });

  it("suggests only what the platform accepts, reserved and very short words apart", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 100 }), (name) => {
        const slug = suggestSlug(name);
        const parsed = parseSlug(slug);
        if (slug.length < 2 || parsed.kind === "slug") return;
        expect(parsed.reason).toMatch(/reserved|"via"|xn--/);
      }),
    );
  });
});
