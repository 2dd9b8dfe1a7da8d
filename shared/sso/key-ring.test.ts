import { expect, test } from "vitest";
import { emptyRing, needsKey, publishedKeys, signingKey, withNewKey } from "./key-ring.ts";

const minutes = 60_000;
const start = new Date("2026-01-01T00:00:00.000Z");
const after = (milliseconds: number): Date => new Date(start.getTime() + milliseconds);
const key = (kid: string) => ({
  kid,
  secretName: `launch-key-${kid}`,
  publicKey: { kty: "EC" as const, crv: "P-256" as const, x: "x", y: "y" },
});

const first = withNewKey(emptyRing, key("one"), start);
const rotated = withNewKey(first, key("two"), after(60 * minutes));

test("the first key signs at once", () => {
  expect(needsKey(emptyRing, start)).toBe(true);
  expect(signingKey(first, start)?.kid).toBe("one");
  expect(needsKey(first, after(29 * 24 * 60 * minutes))).toBe(false);
  expect(needsKey(first, after(30 * 24 * 60 * minutes))).toBe(true);
});

test.each([
  { at: 60, signs: "one", published: ["one", "two"] },
  { at: 70, signs: "one", published: ["one", "two"] },
  { at: 71, signs: "two", published: ["one", "two"] },
  { at: 85, signs: "two", published: ["one", "two"] },
  { at: 86, signs: "two", published: ["two"] },
])("$at minutes after the start $signs signs and $published are published", ({ at, signs, published }) => {
  expect(signingKey(rotated, after(at * minutes))?.kid).toBe(signs);
  expect(publishedKeys(rotated, after(at * minutes)).map(({ kid }) => kid)).toEqual(published);
});

test("a ring drops keys that nobody needs when it grows", () => {
  const third = withNewKey(rotated, key("three"), after(200 * minutes));
  expect(third.keys.map(({ kid }) => kid)).toEqual(["two", "three"]);
});
