const namespace = "http://www.w3.org/2000/svg";

/** Makes an element of a picture. Its attributes are SVG's own, which the page's policy lets stand, unlike `style`. */
export const svgElement = <K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Readonly<Record<string, string | number>> = {},
  ...children: readonly (Node | string)[]
): SVGElementTagNameMap[K] => {
  const node = document.createElementNS(namespace, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, String(value));
  node.append(...children);
  return node;
};
