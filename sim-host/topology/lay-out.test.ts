import { array, assert, integer, nat, property, record } from "fast-check";
import { describe, expect, it } from "vitest";
import { workOf } from "../../tests/support/work-of.ts";
import type { Box } from "./lay-out.ts";
import { layOut } from "./lay-out.ts";

const box = record({ width: integer({ min: 20, max: 400 }), height: integer({ min: 20, max: 200 }) });
const graph = array(box, { minLength: 1, maxLength: 25 }).chain((boxes) => {
  const end = nat({ max: boxes.length - 1 });
  const edges = array(record({ from: end, to: end }), { maxLength: 40 });
  return edges.map((all) => ({
    boxes,
    edges: all.filter(({ from, to }) => from !== to).map(({ from, to }) => [from, to] as const),
  }));
});
const same = (count: number): readonly Box[] => Array.from({ length: count }, () => ({ width: 100, height: 60 }));

describe("laying boxes out", () => {
  it("overlaps none and leaves none outside, the same way each time", () => {
    assert(
      property(graph, ({ boxes, edges }) => {
        const layout = layOut(boxes, edges);
        const sides = layout.points.map(({ x, y }, index) => {
          const { width, height } = boxes[index]!;
          return { left: x - width / 2, right: x + width / 2, top: y - height / 2, bottom: y + height / 2 };
        });
        for (const [index, one] of sides.entries()) {
          expect(Math.min(one.left, one.top)).toBeGreaterThanOrEqual(-1);
          expect(one.right).toBeLessThanOrEqual(layout.width + 1);
          expect(one.bottom).toBeLessThanOrEqual(layout.height + 1);
          for (const other of sides.slice(index + 1)) {
            const isApart =
              one.right < other.left || other.right < one.left || one.bottom < other.top || other.bottom < one.top;
            expect(isApart).toBe(true);
          }
        }
        expect(layOut(boxes, edges)).toEqual(layout);
      }),
      { numRuns: 100 },
    );
  });

  it.each([[[2, 0, 3, 1]], [[1, 3, 0, 2]], [[0, 1, 2, 3]], [[3, 2, 1, 0]]])(
    "lays the chain %j out in a line, from its first end on",
    (chain) => {
      const edges = chain.slice(1).map((to, index) => [chain[index]!, to] as const);
      const { points } = layOut(same(4), edges);
      expect(new Set(points.map(({ y }) => y)).size).toBe(1);
      expect(chain.map((index) => points[index]!.x)).toEqual(points.map(({ x }) => x).sort((a, b) => a - b));
    },
  );

  it("keeps neighbours nearer than others", () => {
    const ring = Array.from({ length: 10 }, (_, index) => [index, (index + 1) % 10] as const);
    const { points } = layOut(same(10), ring);
    const distance = (one: number, other: number) =>
      Math.hypot(points[one]!.x - points[other]!.x, points[one]!.y - points[other]!.y);
    for (const [one, other] of ring) expect(distance(one, other)).toBeLessThan(distance(one, (other + 4) % 10));
  });

  it("is done with the largest topology before anybody waits", () => {
    const edges = Array.from({ length: 2_000 }, (_, index) => [index % 200, 200 + ((index * 7) % 100)] as const);
    const { milliseconds } = workOf(() => layOut(same(300), edges));
    expect(milliseconds).toBeLessThan(2_000);
  });
});
