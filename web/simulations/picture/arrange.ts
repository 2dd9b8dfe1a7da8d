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
/** For phones: what is said beside names takes more lines. */
const narrow: Sizes = {
  node: { widthMin: 88, widthMax: 160, height: 76 },
  link: { widthMin: 108, widthMax: 160, height: 108 },
};
const nameSize = 16;
const padding = 28;

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

/** Places for all parts in a room of that width: lying where that fits, else upright, else as narrow as it can be. */
export const arrange = (parts: Parts, width: number): Arrangement => {
  const lying = arrangeOne(parts, { width, isUpright: false, sizes: usual });
  if (lying.width <= width) return lying;
  const upright = arrangeOne(parts, { width, isUpright: true, sizes: usual });
  if (upright.width <= width) return upright;
  const slim = arrangeOne(parts, { width, isUpright: true, sizes: narrow });
  return [lying, upright, slim].reduce((best, one) => (one.width < best.width ? one : best));
};
