import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readNetwork, writeAddress } from "./ipv4.ts";
import { nextSubnets } from "./subnets.ts";

const range = "10.111.0.0/16";
const none: ReadonlySet<string> = new Set();

describe("the next subnets", () => {
  test.each([
    ["the lowest first", none, [], 2, ["10.111.0.0/27", "10.111.0.32/27"]],
    ["the gap that was freed", new Set(["10.111.0.0/27", "10.111.0.64/27"]), [], 1, ["10.111.0.32/27"]],
    ["around a network of others", none, ["10.111.0.0/24"], 1, ["10.111.1.0/27"]],
    ["around a network inside one subnet", none, ["10.111.0.40/30"], 2, ["10.111.0.0/27", "10.111.0.64/27"]],
    ["around one address of the host", none, ["10.111.0.31"], 1, ["10.111.0.32/27"]],
    ["around a network that begins before the range", none, ["10.110.0.0/15"], 1, undefined],
    ["none, when none is asked for", none, [], 0, []],
  ])("are %s", (...[, taken, foreign, count, wanted]) => {
    expect(nextSubnets(range, taken, foreign, count)).toEqual(wanted);
  });

  test("are 2,048 in a /16, and then none", () => {
    const all = nextSubnets(range, none, [], 2048) ?? [];
    expect([all.length, all[0], all.at(-1)]).toEqual([2048, "10.111.0.0/27", "10.111.255.224/27"]);
    expect(nextSubnets(range, new Set(all), [], 1)).toBeUndefined();
    expect(nextSubnets(range, new Set(all.slice(1)), [], 2)).toBeUndefined();
    expect(nextSubnets(range, none, [], 2049)).toBeUndefined();
  });

  test("do not exist in a range that is smaller than one", () => {
    expect(nextSubnets("10.111.0.0/28", none, [], 1)).toBeUndefined();
  });

  test.each(["10.111.0.0/33", "10.111.0/16", "10.111.0.256/16", "fd00::/64", "", "default"])(
    "are refused where a text is no IPv4 network: '%s'",
    (text) => {
      expect(() => nextSubnets(text, none, [], 1)).toThrow(RangeError);
      expect(() => nextSubnets(range, none, [text], 1)).toThrow(RangeError);
    },
  );
});

const network = fc
  .tuple(fc.integer({ min: 0x0a6e_0000, max: 0x0a71_0000 }), fc.integer({ min: 18, max: 32 }))
  .map(([address, bits]) => `${writeAddress(address)}/${bits}`);
const small = "10.111.0.0/22";

const overlap = (one: string, other: string): boolean => {
  const [a, b] = [readNetwork(one)!, readNetwork(other)!];
  return a.first <= b.last && b.first <= a.last;
};

/** Every /27 of the small range that touches nothing, by the plainest means. */
const freeByHand = (used: readonly string[]): readonly string[] =>
  Array.from({ length: 32 }, (_, index) => `${writeAddress(readNetwork(small)!.first + index * 32)}/27`).filter(
    (candidate) => !used.some((each) => overlap(each, candidate)),
  );

test("whatever is taken: the lowest free ones, none outside the range or on another, all or none", () => {
  fc.assert(
    fc.property(fc.array(network), fc.array(network), fc.integer({ min: 0, max: 40 }), (taken, foreign, count) => {
      const free = freeByHand([...taken, ...foreign]);
      const wanted = free.length < count ? undefined : free.slice(0, count);
      expect(nextSubnets(small, new Set(taken), foreign, count)).toEqual(wanted);
    }),
    { numRuns: 2000 },
  );
});

test("claiming and freeing in any order never gives a subnet twice, and loses none", () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.integer({ min: 1, max: 6 }), fc.constant("free" as const))), (steps) => {
      const held: string[] = [];
      for (const step of steps) {
        if (step === "free") held.shift();
        else {
          const claimed = nextSubnets(small, new Set(held), [], step);
          expect(claimed === undefined).toBe(held.length + step > 32);
          held.push(...(claimed ?? []));
        }
        expect(new Set(held).size).toBe(held.length);
      }
    }),
  );
});

test("an address is read as it is written", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 0xffff_ffff }), (number) => {
      expect(readNetwork(writeAddress(number))).toEqual({ first: number, last: number });
    }),
  );
});
