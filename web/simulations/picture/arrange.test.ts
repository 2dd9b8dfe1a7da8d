import { describe, expect, it } from "vitest";
import type { Arrangement, Parts } from "./arrange.ts";
import { arrange } from "./arrange.ts";

/** Names of nodes, and of links what they join. */
const parts = (nodes: readonly string[], links: Readonly<Record<string, readonly string[]>>): Parts => ({
  nodes: nodes.map((name) => ({
    ...{ name, image: "toolbox", wanted: "running", state: "running", addresses: {} },
    ...{ health: undefined, exitCode: undefined, isOutOfMemory: undefined, limits: undefined },
  })),
  links: Object.entries(links).map(([name, joined]) => ({
    ...{ name, nodes: joined, subnet: undefined, isDown: false, directions: [] },
  })),
});

const tiers = parts(["client", "web", "db"], { front: ["client", "web"], back: ["web", "db"] });
const home = parts(["router", "nas", "laptop", "phone", "internet"], {
  home: ["router", "nas", "laptop", "phone"],
  uplink: ["router", "internet"],
});
const lonely = parts(["one", "two"], {});

const boxesOf = ({ nodes, links }: Arrangement) => [...nodes, ...links];

const overlapping = (arrangement: Arrangement): readonly string[] =>
  boxesOf(arrangement).flatMap((one, index) =>
    boxesOf(arrangement)
      .slice(index + 1)
      .filter((other) => {
        const isBeside = Math.abs(one.x - other.x) >= (one.width + other.width) / 2;
        const isAbove = Math.abs(one.y - other.y) >= (one.height + other.height) / 2;
        return !isBeside && !isAbove;
      })
      .map((other) => `${one.name} and ${other.name}`),
  );

describe.each([
  ["three tiers", tiers],
  ["a home network", home],
  ["nodes without links", lonely],
])("the arrangement of %s", (_, lab) => {
  it.each([220, 700, 1_200])("has nothing on top of something else, and all within its frame, in %d pixels", (room) => {
    const arrangement = arrange(lab, room);
    expect(overlapping(arrangement)).toEqual([]);
    for (const { name, x, y, width, height } of boxesOf(arrangement)) {
      const isWithin =
        x - width / 2 >= -1 &&
        x + width / 2 <= arrangement.width + 1 &&
        y - height / 2 >= -1 &&
        y + height / 2 <= arrangement.height + 1;
      expect(isWithin, name).toBe(true);
    }
  });

  it("does not depend on what state anything is in", () => {
    const broken = { ...lab, links: lab.links.map((link) => ({ ...link, isDown: true })) };
    expect(arrange(broken, 700)).toEqual(arrange(lab, 700));
  });
});

it("lies where there is room and stands where there is not", () => {
  const [wide, narrow] = [arrange(tiers, 1_000), arrange(tiers, 300)];
  expect(wide.width).toBeGreaterThan(wide.height);
  expect(narrow.height).toBeGreaterThan(narrow.width);
  expect(narrow.width).toBeLessThanOrEqual(300);
});

it("is narrower where not even standing fits", () => {
  expect(arrange(home, 300).width).toBeLessThan(arrange(home, 450).width);
  expect(arrange(home, 300).width).toBeLessThan(370);
});

it("has a cable from each link to each of its nodes", () => {
  expect(arrange(home, 700).cables.map(({ link }) => link)).toEqual([
    ...["home", "home", "home", "home"],
    ...["uplink", "uplink"],
  ]);
});
