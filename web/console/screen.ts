import { byId, element } from "../page/element.ts";

/** Puts one view into the page. The heading takes the focus, so that screen readers and keyboards start there. */
export type Show = (heading: string, ...content: readonly HTMLElement[]) => void;

/** The first view leaves the focus alone: the page has only just been opened. */
export const makeShow = (): Show => {
  const main = byId("main", HTMLElement);
  let isFirst = true;
  return (heading, ...content) => {
    document.title = heading === "kombify" ? heading : `${heading} · kombify`;
    main.replaceChildren(...content);
    const title = main.querySelector("h1");
    title?.setAttribute("tabindex", "-1");
    if (!isFirst) title?.focus({ preventScroll: true });
    isFirst = false;
  };
};

export const headingOf = (text: string): HTMLElement => element("h1", {}, text);

/** A card with a heading of the page's first order. */
export const card = (heading: string, ...content: readonly (Node | string | undefined)[]): HTMLElement =>
  element("section", { class: "card stack" }, headingOf(heading), ...content);
