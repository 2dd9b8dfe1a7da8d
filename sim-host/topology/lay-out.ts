import type { Point } from "./spread-graph.ts";
import { spreadGraph } from "./spread-graph.ts";

export interface Box {
  readonly width: number;
  readonly height: number;
  /** How far from its centre its neighbours begin; half its width when that is not said. */
  readonly reach?: number;
}

export interface Layout extends Pick<Box, "width" | "height"> {
  /** Centres, in the order of the boxes; all boxes lie between 0 and width, 0 and height. */
  readonly points: readonly Point[];
}

const gap = 28;
const componentGap = 48;
const pushesMax = 200;
const pairsMax = 1_000_000;
const growthsMax = 60;
const nothing: Box = { width: 0, height: 0 };

/** Where something is while places are sought for all. */
interface Place {
  x: number;
  y: number;
  readonly box: Box;
}

/** What hangs together, each part in the order of the boxes. */
const componentsOf = (size: number, edges: readonly (readonly [number, number])[]): readonly (readonly number[])[] => {
  const neighbours = Array.from({ length: size }, (): number[] => []);
  for (const [from, to] of edges) {
    neighbours[from]?.push(to);
    neighbours[to]?.push(from);
  }
  const seen = new Set<number>();
  const components: number[][] = [];
  for (let first = 0; first < size; first += 1) {
    if (seen.has(first)) continue;
    const found = [first];
    seen.add(first);
    for (const one of found) {
      for (const other of neighbours[one] ?? []) {
        if (seen.has(other)) continue;
        seen.add(other);
        found.push(other);
      }
    }
    components.push(found.sort((left, right) => left - right));
  }
  return components;
};

/** Pushes two things apart, on the way on which they are apart the most already; true when they overlapped. */
const pushPair = (one: Place, other: Place): boolean => {
  const roomX = (one.box.width + other.box.width) / 2 + gap;
  const roomY = (one.box.height + other.box.height) / 2 + gap / 2;
  const overlapX = roomX - Math.abs(other.x - one.x);
  const overlapY = roomY - Math.abs(other.y - one.y);
  if (overlapX <= 0.01 || overlapY <= 0.01) return false;
  const axis = overlapX / roomX < overlapY / roomY ? "x" : "y";
  const push = ((other[axis] >= one[axis] ? 1 : -1) * (axis === "x" ? overlapX : overlapY)) / 2;
  one[axis] -= push;
  other[axis] += push;
  return true;
};

const pushApart = (places: readonly Place[]): boolean => {
  let isDone = true;
  places.forEach((one, index) => {
    for (let other = index + 1; other < places.length; other += 1) {
      const second = places[other];
      if (second !== undefined && pushPair(one, second)) isDone = false;
    }
  });
  return isDone;
};

/** True places for things: none overlaps. */
const separate = (points: readonly Point[], boxes: readonly Box[]): readonly Point[] => {
  const places = points.map(({ x, y }, index): Place => ({ x, y, box: boxes[index] ?? nothing }));
  const pushes = Math.min(pushesMax, Math.ceil(pairsMax / (places.length * places.length)));
  for (let growth = 0; growth < growthsMax; growth += 1) {
    for (let push = 0; push < pushes; push += 1) if (pushApart(places)) return places;
    // More room for all, and again: where much is in one place, pushing only hands it on.
    for (const place of places) {
      place.x *= 1.1;
      place.y *= 1.1;
    }
  }
  return places;
};

/** Moved to begin at 0. */
const framed = (points: readonly Point[], boxes: readonly Box[]): Layout => {
  const edge = (pick: (point: Point, box: Box) => number) =>
    points.map((point, index) => pick(point, boxes[index] ?? nothing));
  const left = Math.min(...edge(({ x }, { width }) => x - width / 2));
  const top = Math.min(...edge(({ y }, { height }) => y - height / 2));
  return {
    points: points.map(({ x, y }) => ({ x: Math.round(x - left), y: Math.round(y - top) })),
    width: Math.ceil(Math.max(...edge(({ x }, { width }) => x + width / 2)) - left),
    height: Math.ceil(Math.max(...edge(({ y }, { height }) => y + height / 2)) - top),
  };
};

const layOutComponent = (boxes: readonly Box[], edges: readonly (readonly [number, number])[]): Layout => {
  const reachOf = (index: number): number => boxes[index]?.reach ?? (boxes[index]?.width ?? 0) / 2;
  const graph = {
    size: boxes.length,
    edges: edges.map((ends) => ({ ends, length: reachOf(ends[0]) + reachOf(ends[1]) + gap })),
  };
  return framed(separate(spreadGraph(graph), boxes), boxes);
};

/** Places for boxes such that none overlaps and neighbours are near. The same boxes have the same places. */
export const layOut = (boxes: readonly Box[], edges: readonly (readonly [number, number])[]): Layout => {
  const parts = componentsOf(boxes.length, edges).map((members) => {
    const place = new Map(members.map((index, at) => [index, at]));
    const own = edges.flatMap(([from, to]) => {
      const [first, second] = [place.get(from), place.get(to)];
      return first === undefined || second === undefined ? [] : [[first, second] as const];
    });
    const layout = layOutComponent(
      members.map((index) => boxes[index] ?? nothing),
      own,
    );
    return { members, layout };
  });
  parts.sort((left, right) => right.members.length - left.members.length);
  const area = parts.reduce(
    (sum, { layout }) => sum + (layout.width + componentGap) * (layout.height + componentGap),
    0,
  );
  const widthMax = Math.max(...parts.map(({ layout }) => layout.width), Math.sqrt(area * 1.8));
  const points: Point[] = boxes.map(() => ({ x: 0, y: 0 }));
  let [x, y, rowHeight, width] = [0, 0, 0, 0];
  for (const [part, { members, layout }] of parts.entries()) {
    const isFirstAlone = members.length === 1 && (parts[part - 1]?.members.length ?? 1) > 1;
    if (isFirstAlone || (x > 0 && x + layout.width > widthMax))
      [x, y, rowHeight] = [0, y + rowHeight + componentGap, 0];
    for (const [at, index] of members.entries()) {
      const point = layout.points[at] ?? { x: 0, y: 0 };
      points[index] = { x: x + point.x, y: y + point.y };
    }
    width = Math.max(width, x + layout.width);
    rowHeight = Math.max(rowHeight, layout.height);
    x += layout.width + componentGap;
  }
  return { points, width, height: y + rowHeight };
};
