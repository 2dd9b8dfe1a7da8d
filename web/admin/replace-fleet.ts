import { Idiomorph } from "idiomorph";

/** A form somebody is typing in, or one whose answer is awaited, is left as it is. */
const isBeingFilled = (node: Node): boolean => node instanceof HTMLFormElement && "touched" in node.dataset;

/** Marks forms from the first keystroke on. */
export const watchTyping = (root: HTMLElement): void => {
  root.addEventListener("input", ({ target }) => {
    if (target instanceof HTMLElement) target.closest("form")?.setAttribute("data-touched", "");
  });
};

/**
 * Makes the page's fleet say what the new one says, changing only what differs: the focus, open details, the place
 * scrolled to and half-filled forms stay.
 */
export const replaceFleet = (current: HTMLElement, next: Element): void => {
  void Idiomorph.morph(current, next, {
    restoreFocus: true,
    callbacks: {
      beforeNodeMorphed: (node) => !isBeingFilled(node),
      beforeAttributeUpdated: (name, element) => !(name === "open" && element instanceof HTMLDetailsElement),
    },
  });
};
