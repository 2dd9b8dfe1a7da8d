type Child = Node | string | undefined;

/** Attributes as HTML writes them; `undefined` and `false` leave one out. Listeners are named `onClick`, `onSubmit`, ... */
export type Attributes = Readonly<Record<string, string | boolean | undefined>>;

const setAttribute = (node: Element, name: string, value: string | boolean | undefined): void => {
  if (value === undefined || value === false) return;
  node.setAttribute(name, value === true ? "" : value);
};

/** Makes an element. Texts become text nodes, so nothing that came from outside is read as HTML. */
export const element = <K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] => {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) setAttribute(node, name, value);
  node.append(...children.filter((child) => child !== undefined));
  return node;
};

/** The element with this id, of this kind. @throws when the page's HTML does not have it */
export const byId = <E extends HTMLElement>(id: string, kind: new () => E): E => {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`The page has no ${kind.name} with the id ${id}.`);
  return found;
};
