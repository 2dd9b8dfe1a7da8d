import { element } from "../../page/element.ts";
import type { SimulationLink, SimulationNode } from "../api/simulation-shapes.ts";
import { markOf, nodeWords } from "../views/state-badge.ts";
import { linkWords } from "./impairment-words.ts";

/** A node or a link, which people choose in the picture. */
export interface Part {
  readonly kind: "node" | "link";
  readonly name: string;
}

/** Nodes and links may have the same name. */
export const keyOf = ({ kind, name }: Part): string => `${kind} ${name}`;

const fill = (button: HTMLElement, part: Part, chosen: Part | undefined, look: string): void => {
  const isChosen = chosen !== undefined && keyOf(chosen) === keyOf(part);
  button.className = `part ${part.kind} ${look}`;
  button.setAttribute("aria-pressed", String(isChosen));
};

/** Shows a node's name and state on its button. */
export const fillNode = (button: HTMLElement, node: SimulationNode, chosen: Part | undefined): void => {
  const { words, mark, tone } = nodeWords(node);
  fill(button, { kind: "node", name: node.name }, chosen, tone || "still");
  const state = element("span", { class: "state" }, markOf(mark), words);
  button.replaceChildren(element("strong", {}, node.name), " ", state);
};

/** Shows a link's name, what is impaired of it, and, to screen readers, what it joins. */
export const fillLink = (button: HTMLElement, link: SimulationLink, chosen: Part | undefined): void => {
  const shape = link.nodes.length > 2 ? "hub" : "wire";
  const lines = linkWords(link);
  const tone = link.isDown ? "bad" : lines.length > 0 ? "warn" : "still";
  fill(button, { kind: "link", name: link.name }, chosen, `${shape} ${tone}`);
  const joins = element("span", { class: "visually-hidden" }, ` joins ${link.nodes.join(", ")}. `);
  const states = link.isDown
    ? [element("span", { class: "state" }, markOf("failed"), "unplugged")]
    : lines.map((line) => element("span", { class: "state" }, line));
  button.replaceChildren(element("strong", {}, link.name), joins, ...states);
};
