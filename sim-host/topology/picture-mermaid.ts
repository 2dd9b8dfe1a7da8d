import type { LinkFacts, NodeFacts, Pictured } from "./picture-facts.ts";
import { pictureFacts } from "./picture-facts.ts";

/**
 * Text inside of quotes. Everything that Mermaid, or the HTML it makes, takes for more than a letter is written as the
 * number of its character.
 */
const escaped = (text: string): string =>
  text.replace(/[^\p{L}\p{N} .,:()→↔±-]/gu, (character) => `#${character.codePointAt(0) ?? 0};`);

const label = (lines: readonly string[]): string => `"${lines.map(escaped).join("<br/>")}"`;

const nodeLine = ({ name, image, state, addresses }: NodeFacts, index: number): string => {
  const words = label([name, image, ...(state === undefined ? [] : [state.words]), ...addresses]);
  return `  n${index}[${words}]${state === undefined ? "" : `:::${state.kind}`}`;
};

const linkLines = (link: LinkFacts, index: number, indexOf: ReadonlyMap<string, number>): readonly string[] => {
  const words = label([link.name, ...(link.isDown ? ["down"] : []), ...link.lines]);
  const ends = link.nodes.map((node) => `n${indexOf.get(node) ?? 0}`);
  const cable = link.isDown ? "-.-" : "---";
  const [first = "", second = ""] = ends;
  if (ends.length === 2) return [`  ${first} ${cable}|${words}| ${second}`];
  return [`  l${index}{{${words}}}`, ...ends.map((end) => `  ${end} ${cable} l${index}`)];
};

const classes = [
  "  classDef running stroke-width:3px",
  "  classDef unhealthy stroke-width:3px,stroke-dasharray:6 3",
  "  classDef paused stroke-dasharray:2 4",
  "  classDef exited stroke-dasharray:1 6",
  "  classDef created stroke-dasharray:4 4",
  "  classDef absent stroke-dasharray:4 8",
] as const;

/** A topology as a flowchart for Mermaid; colours are left to where it is shown. */
export const pictureMermaid = (pictured: Pictured): string => {
  const { name, nodes, links } = pictureFacts(pictured);
  const indexOf = new Map(nodes.map((node, index) => [node.name, index]));
  return [
    "flowchart LR",
    `  accTitle: ${escaped(name)}`,
    ...nodes.map(nodeLine),
    ...links.flatMap((link, index) => linkLines(link, index, indexOf)),
    ...(pictured.live === undefined ? [] : classes),
    "",
  ].join("\n");
};
