import type { Box } from "./lay-out.ts";
import { layOut } from "./lay-out.ts";
import { linkText, nodeText } from "./picture-words.ts";
import type { LinkFacts, NodeFacts, Pictured } from "./picture-facts.ts";
import { pictureFacts } from "./picture-facts.ts";
import type { Point } from "./spread-graph.ts";
import { stateMark } from "./state-mark.ts";
import type { Markup } from "./svg-markup.ts";
import { svg } from "./svg-markup.ts";
import { textWidth } from "./text-width.ts";

const margin = 28;
const titleHeight = 40;
const titleSize = 18;
const nameSize = 15;
const smallSize = 12;
const lineHeight = 17;
const rowLengthMax = 30;

/** Colours of the pages; where there is no page around the picture, these, and darker ones for those who want it dark. */
const ink = "var(--ink, #171b21)";
const soft = "var(--soft, #545d68)";
const card = "var(--card, #fff)";
const ground = "var(--ground, #f5f6f8)";
const edge = "var(--edge, #7b8694)";
const bad = "var(--bad, #b3261e)";
const dark =
  "@media (prefers-color-scheme: dark) { svg.simulation-picture:root { --ground: #0e1116; --card: #171b21; --ink: #e9ecf0; --soft: #a6b0bc; --edge: #77828f; --good: #8fd6a3; --warn: #f2c66d; --bad: #f2b8b5; } }";

const isHub = ({ nodes }: LinkFacts): boolean => nodes.length > 2;

const nodeBox = ({ name, image, state, addresses }: NodeFacts): Box => {
  const small = [image, ...addresses, ...(state === undefined ? [] : [`----${state.words}`])];
  const widths = [textWidth(name, nameSize * 1.08), ...small.map((line) => textWidth(line, smallSize))];
  return { width: Math.ceil(Math.max(88, ...widths) + 32), height: 28 + (small.length + 1) * lineHeight };
};

/** In lines that are short enough to stand in a cable. */
const wrapped = (line: string): readonly string[] => {
  const rows: string[] = [];
  for (const part of line.split(/(?<=[,:]) /)) {
    const last = rows.at(-1);
    if (last === undefined || last.length + part.length > rowLengthMax) rows.push(part);
    else rows[rows.length - 1] = `${last} ${part}`;
  }
  return rows;
};

const linkLines = ({ isDown, lines }: LinkFacts): readonly string[] => [
  ...(isDown ? ["down"] : []),
  ...lines.flatMap(wrapped),
];

const linkBox = (link: LinkFacts): Box => {
  const widths = [textWidth(link.name, 13 * 1.08), ...linkLines(link).map((line) => textWidth(line, smallSize))];
  const padding = isHub(link) ? 40 : 16;
  const width = Math.ceil(Math.max(24, ...widths) + padding);
  const height = 8 + padding / 2 + (linkLines(link).length + 1) * lineHeight;
  return isHub(link) ? { width, height, reach: 40 + width / 8 } : { width, height };
};

const drawNode = (node: NodeFacts, { x, y }: Point, { width, height }: Box): Markup => {
  const top = y - height / 2;
  const left = x - width / 2;
  const { state } = node;
  const row = (index: number): number => top + 27 + index * lineHeight;
  const addressRow = state === undefined ? 2 : 3;
  return svg`<g data-node="${node.name}">
<rect x="${left}" y="${top}" width="${width}" height="${height}" rx="10" fill="${card}" stroke="${edge}" stroke-width="1.5"/>
<text x="${x}" y="${row(0)}" font-size="${nameSize}" font-weight="600" fill="${ink}">${node.name}</text>
<text x="${x}" y="${row(1)}" font-size="${smallSize}" fill="${soft}">${node.image}</text>
${state !== undefined && stateMark(state, { x, y: row(2) }, smallSize)}${node.addresses.map(
    (address, index) =>
      svg`<text x="${x}" y="${row(addressRow + index)}" font-size="${smallSize}" fill="${soft}">${address}</text>
`,
  )}</g>
`;
};

/** A cable between two nodes bends through its words; a switch has a cable to each of its nodes. */
const cable = (from: Point, via: Point, to: Point, isDown: boolean): Markup => {
  const bend = { x: Math.round(2 * via.x - (from.x + to.x) / 2), y: Math.round(2 * via.y - (from.y + to.y) / 2) };
  const dashes = isDown ? svg` stroke-dasharray="3 6"` : undefined;
  return svg`<path d="M${from.x} ${from.y}Q${bend.x} ${bend.y} ${to.x} ${to.y}" fill="none" stroke="${isDown ? bad : edge}" stroke-width="2.5"${dashes}/>
`;
};

const drawLink = (link: LinkFacts, { x, y }: Point, { width, height }: Box): Markup => {
  const [left, top] = [x - width / 2, y - height / 2];
  const lines = linkLines(link);
  const first = y - (lines.length * lineHeight) / 2 + 4.5;
  const shape = isHub(link)
    ? svg`<path d="M${left + 14} ${top}H${left + width - 14}L${left + width} ${y}L${left + width - 14} ${top + height}H${left + 14}L${left} ${y}Z" fill="${card}" stroke="${link.isDown ? bad : edge}" stroke-width="2.5"/>`
    : svg`<rect x="${left}" y="${top}" width="${width}" height="${height}" rx="6" fill="${ground}"/>`;
  return svg`<g data-link="${link.name}">
${shape}
<text x="${x}" y="${first}" font-size="13" font-weight="600" fill="${ink}">${link.name}</text>
${lines.map(
  (line, index) =>
    svg`<text x="${x}" y="${first + (index + 1) * lineHeight}" font-size="${smallSize}" fill="${link.isDown && index === 0 ? bad : soft}">${line}</text>
`,
)}</g>
`;
};

/** Ids of title and description are unique in a page when the prefix is. */
export interface SvgOptions {
  readonly idPrefix?: string;
}

/**
 * A topology as an SVG document for people: nodes as cards, links as cables with their words, links of many nodes as
 * switches. Says the same in its description. Has no scripts; groups carry `data-node` and `data-link`.
 */
export const pictureSvg = (pictured: Pictured, { idPrefix = "simulation" }: SvgOptions = {}): string => {
  const { name, nodes, links } = pictureFacts(pictured);
  const boxes = [...nodes.map(nodeBox), ...links.map(linkBox)];
  const indexOf = new Map(nodes.map((node, index) => [node.name, index]));
  const ends = links.map((link) => link.nodes.flatMap((node) => indexOf.get(node) ?? []));
  const edges = ends.flatMap((nodeIndexes, index) => nodeIndexes.map((node) => [node, nodes.length + index] as const));
  const layout = layOut(boxes, edges);
  const width = Math.ceil(Math.max(layout.width, textWidth(name, titleSize * 1.08)) + 2 * margin);
  const height = layout.height + titleHeight + 2 * margin;
  const offset = { x: Math.floor((width - layout.width) / 2), y: margin + titleHeight };
  const points = layout.points.map(({ x, y }) => ({ x: x + offset.x, y: y + offset.y }));
  const nowhere = { x: 0, y: 0 };
  const pointOf = (index: number): Point => points[index] ?? nowhere;
  const boxOf = (index: number): Box => boxes[index] ?? { width: 0, height: 0 };
  const cables = links.flatMap((link, index) => {
    const hub = pointOf(nodes.length + index);
    const [first = 0, second = 0] = ends[index] ?? [];
    if (!isHub(link)) return [cable(pointOf(first), hub, pointOf(second), link.isDown)];
    return (ends[index] ?? []).map((node) => {
      const middle = { x: (pointOf(node).x + hub.x) / 2, y: (pointOf(node).y + hub.y) / 2 };
      return cable(pointOf(node), middle, hub, link.isDown);
    });
  });
  const description = [...nodes.map(nodeText), ...links.map(linkText)].join(" ");
  return svg`<svg xmlns="http://www.w3.org/2000/svg" class="simulation-picture" role="img" aria-labelledby="${idPrefix}-title ${idPrefix}-description" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="system-ui, -apple-system, 'Segoe UI', 'Liberation Sans', Arial, sans-serif" text-anchor="middle">
<title id="${idPrefix}-title">${name}</title>
<desc id="${idPrefix}-description">${description}</desc>
<style>${dark}</style>
<rect width="${width}" height="${height}" rx="12" fill="${ground}"/>
<text x="${margin}" y="${margin + titleSize}" font-size="${titleSize}" font-weight="700" text-anchor="start" fill="${ink}">${name}</text>
${cables}${links.map((link, index) => drawLink(link, pointOf(nodes.length + index), boxOf(nodes.length + index)))}${nodes.map((node, index) => drawNode(node, pointOf(index), boxOf(index)))}</svg>
`.toString();
};
