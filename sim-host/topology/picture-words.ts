import type { LinkFacts, NodeFacts } from "./picture-facts.ts";

/** A node as a sentence. */
export const nodeText = ({ name, image, state, addresses }: NodeFacts): string =>
  [`${name} is a node of ${image}`, ...(state === undefined ? [] : [state.words]), ...addresses].join(", ").concat(".");

/** A link as a sentence. */
export const linkText = ({ name, nodes, isDown, lines }: LinkFacts): string => {
  const joined = `${nodes.slice(0, -1).join(", ")} and ${nodes.at(-1) ?? ""}`;
  return [`${name} links ${joined}`, ...(isDown ? ["down"] : []), ...lines].join("; ").concat(".");
};
