import type { Box } from "../../../sim-host/topology/lay-out.ts";
import { layOut } from "../../../sim-host/topology/lay-out.ts";
import type { Point } from "../../../sim-host/topology/spread-graph.ts";
import { textWidth } from "../../../sim-host/topology/text-width.ts";
import type { Simulation } from "../api/simulation-shapes.ts";

/** What a picture is made of: the same parts are always in the same places, whatever state they are in. */
export type Parts = Pick<Simulation, "nodes" | "links">;

interface Placed extends Point, Box {
  readonly name: string;
}

/** A way from a node to a link's label, as SVG has it. */
export interface Cable {
  readonly link: string;
  readonly path: string;
}

/** Centres and sizes in pixels, all within width and height. */
export interface Arrangement extends Box {
  readonly nodes: readonly Placed[];
  readonly links: readonly Placed[];
  readonly cables: readonly Cable[];
}

interface Sizes {
  readonly node: Size;
  readonly link: Size;
}

interface Size {
  readonly widthMin: number;
  readonly widthMax: number;
  readonly height: number;
}

const usual: Sizes = {
  node: { widthMin: 136, widthMax: 224, height: 72 },
  link: { widthMin: 152, widthMax: 208, height: 92 },
};
/** For small screens: what is said beside names takes more lines. */
const narrow: Sizes = {
  node: { widthMin: 96, widthMax: 160, height: 76 },
  link: { widthMin: 108, widthMax: 160, height: 108 },
};
const nameSize = 16;
const padding = 34;

const boxOf = (name: string, { widthMin, widthMax, height }: Size): Box => ({
  width: Math.min(widthMax, Math.max(widthMin, Math.ceil(textWidth(name, nameSize) + padding))),
  height,
});

const flipped = <T extends Box>({ width, height, ...rest }: T) => ({ ...rest, width: height, height: width });

/** As `layOut`, or, upright, with the long side from top to bottom. */
const place = (boxes: readonly Box[], edges: readonly (readonly [number, number])[], isUpright: boolean) => {
  if (!isUpright) return layOut(boxes, edges);
  const { points, ...size } = flipped(layOut(boxes.map(flipped), edges));
  return { ...size, points: points.map(({ x, y }) => ({ x: y, y: x })) };
};

/** How much farther apart parts are where there is room for it. */
const stretchMax = 1.4;

const stretched = ({ x, y }: Point, factor: number): Point => ({
  x: Math.round(x * factor),
  y: Math.round(y * factor),
});

const line = (from: Point, to: Point): string => `M${from.x} ${from.y}L${to.x} ${to.y}`;

interface Room {
  readonly width: number;
  readonly isUpright: boolean;
  readonly sizes: Sizes;
}

const arrangeOne = ({ nodes, links }: Parts, room: Room): Arrangement => {
  const nodeBoxes = nodes.map(({ name }) => ({ name, ...boxOf(name, room.sizes.node) }));
  const linkBoxes = links.map(({ name }) => ({ name, ...boxOf(name, room.sizes.link) }));
  const indexOf = new Map(nodes.map(({ name }, index) => [name, index]));
  const edges = links.flatMap((link, index) =>
    link.nodes.flatMap((node) => {
      const at = indexOf.get(node);
      return at === undefined ? [] : [[at, nodes.length + index] as const];
    }),
  );
  const { points, width, height } = place([...nodeBoxes, ...linkBoxes], edges, room.isUpright);
  const factor = Math.min(stretchMax, Math.max(1, room.width / width));
  const pointOf = (index: number): Point => stretched(points[index] ?? { x: 0, y: 0 }, factor);
  return {
    ...{ width: Math.floor(width * factor), height: Math.floor(height * factor) },
    nodes: nodeBoxes.map((box, index) => ({ ...box, ...pointOf(index) })),
    links: linkBoxes.map((box, index) => ({ ...box, ...pointOf(nodes.length + index) })),
    cables: edges.map(([from, to]) => ({
      link: links[to - nodes.length]?.name ?? "",
      path: line(pointOf(from), pointOf(to)),
    })),
  };
};

/** From the one that is read best to the one that needs least width. */
const ways = [
  { isUpright: false, sizes: usual },
  { isUpright: false, sizes: narrow },
  { isUpright: true, sizes: usual },
  { isUpright: true, sizes: narrow },
] as const;

/** Places for all parts in a room of that width: the first way that fits, else the one that is least too wide. */
export const arrange = (parts: Parts, width: number): Arrangement => {
  let best: Arrangement | undefined;
  for (const way of ways) {
    const one = arrangeOne(parts, { width, ...way });
    if (one.width <= width) return one;
    if (best === undefined || one.width < best.width) best = one;
  }
  return best ?? arrangeOne(parts, { width, ...ways[0] });
};
