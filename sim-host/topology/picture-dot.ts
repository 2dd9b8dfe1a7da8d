import type { LinkFacts, NodeFacts, Pictured } from "./picture-facts.ts";
import { pictureFacts } from "./picture-facts.ts";

/** A quoted string of DOT. A backslash would begin an escape of Graphviz (`\N` is the node's name), so it is doubled. */
const quoted = (lines: readonly string[]): string =>
  `"${lines.map((line) => line.replaceAll("\\", "\\\\").replaceAll('"', '\\"')).join("\\n")}"`;

/** HTML-like entities are resolved in labels; what a name has of them is meant as it is. */
const label = (lines: readonly string[]): string => quoted(lines.map((line) => line.replaceAll("&", "&amp;")));

const nodeId = (name: string): string => quoted([`node ${name}`]);

const nodeLine = ({ name, image, state, addresses }: NodeFacts): string => {
  const style = state === undefined || state.kind === "running" ? "rounded" : "rounded,dashed";
  const words = label([name, image, ...(state === undefined ? [] : [state.words]), ...addresses]);
  return `  ${nodeId(name)} [label=${words}, style=${quoted([style])}];`;
};

const linkLines = (link: LinkFacts): readonly string[] => {
  const words = label([link.name, ...(link.isDown ? ["down"] : []), ...link.lines]);
  const style = link.isDown ? ", style=dashed" : "";
  const [first = "", second = ""] = link.nodes;
  if (link.nodes.length === 2) return [`  ${nodeId(first)} -- ${nodeId(second)} [label=${words}${style}];`];
  const hub = quoted([`link ${link.name}`]);
  return [
    `  ${hub} [label=${words}, shape=hexagon${style}];`,
    ...link.nodes.map((node) => `  ${nodeId(node)} -- ${hub}${link.isDown ? " [style=dashed]" : ""};`),
  ];
};

/** A topology as a graph for Graphviz. */
export const pictureDot = (pictured: Pictured): string => {
  const { name, nodes, links } = pictureFacts(pictured);
  return [
    "graph simulation {",
    `  graph [label=${label([name])}, labelloc=t, charset="UTF-8", overlap=false];`,
    '  node [shape=box, fontname="Helvetica,Arial,sans-serif"];',
    '  edge [fontname="Helvetica,Arial,sans-serif"];',
    ...nodes.map(nodeLine),
    ...links.flatMap(linkLines),
    "}",
    "",
  ].join("\n");
};
