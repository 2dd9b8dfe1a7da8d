import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { namespaceOf } from "./namespace.ts";
import { parseSlug, TenantSlug } from "./slug.ts";

const reasonOf = (text: string): string => {
  const parsed = parseSlug(text);
  return parsed.kind === "refused" ? parsed.reason : "accepted";
};

const accepted = [
  "acme",
  "ab",
  "a1",
  "home-lab",
  "via1",
  "viaduct",
  "home-viaduct",
  "x".repeat(63),
  "a-1-b-2",
  "defaults",
];

const refused: readonly (readonly [text: string, reason: RegExp])[] = [
  ["", /at least 2/u],
  ["a", /at least 2/u],
  ["x".repeat(64), /at most 63/u],
  ["x".repeat(1_000_000), /at most 63/u],
  ["Acme", /lower-case/u],
  ["ACME", /lower-case/u],
  ["аcme", /other scripts/u],
  ["acmé", /other scripts/u],
  ["ａcme", /other scripts/u],
  ["ac\u200bme", /other scripts/u],
  ["acme\n", /other scripts/u],
  ["acme\0", /other scripts/u],
  ["xn--80ak6aa92e", /xn--/u],
  ["a--b", /two hyphens/u],
  ["1acme", /starts with a letter/u],
  ["-acme", /start or end/u],
  ["acme-", /start or end/u],
  ["a_b", /letters a to z/u],
  ["a b", /letters a to z/u],
  ["a.b", /letters a to z/u],
  ["../x", /letters a to z/u],
  ["via", /"via"/u],
  ["home-via-vpn", /"via"/u],
  ["via-x", /"via"/u],
  ["x-via", /"via"/u],
  ["default", /reserved/u],
  ["admin", /reserved/u],
  ["null", /reserved/u],
  ["pocketbase", /reserved/u],
  ["well-known", /reserved/u],
];

describe("parseSlug", () => {
  it.each(accepted)("accepts %s", (text) => {
    expect(parseSlug(text)).toEqual({ kind: "slug", slug: text });
  });

  it.each(refused)("refuses %j with a reason that helps", (text, reason) => {
    expect(reasonOf(text)).toMatch(reason);
    expect(reasonOf(text).length).toBeLessThan(200);
  });

  it("gives the same sentence at a zod edge", () => {
    const parsed = TenantSlug.safeParse("Acme");
    expect(parsed.error?.issues.map((issue) => issue.message)).toEqual([reasonOf("Acme")]);
  });

  it("gives every slug a namespace of its own that PocketBase takes in a name", () => {
    const slug = fc.stringMatching(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/u).filter((text) => parseSlug(text).kind === "slug");
    fc.assert(
      fc.property(slug, slug, (one, other) => {
        expect(namespaceOf(one) === namespaceOf(other)).toBe(one === other);
        expect(`nodes_${namespaceOf(one)}`).toMatch(/^\w+$/u);
        expect(`nodes_${namespaceOf(one)}_`).not.toContain("_via_");
        expect(namespaceOf(one)).not.toContain("__");
      }),
    );
  });

  it("refuses or keeps any text, and never repairs it", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 70 }), (text) => {
        const parsed = parseSlug(text);
        expect(parsed.kind === "refused" || parsed.slug === text).toBe(true);
      }),
    );
  });
});
