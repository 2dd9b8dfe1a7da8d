import { element } from "../../page/element.ts";

/** What is opened below the picture. */
export interface Drawer {
  readonly title: string;
  readonly root: HTMLElement;
  /** Called once it is in the page. */
  readonly start?: () => void;
  /** Ends whatever it follows. */
  readonly close: () => void;
}

export interface Dock {
  readonly root: HTMLElement;
  /** Takes the place of what was open. The focus goes to its heading, and back to where it was when it is closed. */
  readonly open: (drawer: Drawer) => void;
  /** Puts the focus on its heading. */
  readonly focus: () => void;
}

/** A place below the picture for one thing at a time: logs, or a terminal. */
export const makeDock = (): Dock => {
  const heading = element("h2", { tabindex: "-1" });
  const close = element("button", { type: "button", class: "quiet compact" }, "Close");
  const content = element("div", { class: "wide" });
  const root = element(
    "section",
    { class: "card stack", "aria-label": "Logs and terminal", hidden: true },
    element("div", { class: "row spread" }, heading, close),
    content,
  );
  let opened: Drawer | undefined;
  let before: Element | null = null;
  close.addEventListener("click", () => {
    opened?.close();
    opened = undefined;
    content.replaceChildren();
    root.hidden = true;
    if (before instanceof HTMLElement && before.isConnected) before.focus();
  });
  return {
    root,
    focus: () => heading.focus(),
    open: (drawer) => {
      opened?.close();
      opened = drawer;
      if (!root.contains(document.activeElement)) before = document.activeElement;
      heading.textContent = drawer.title;
      content.replaceChildren(drawer.root);
      root.hidden = false;
      heading.focus();
      root.scrollIntoView({ block: "nearest" });
      drawer.start?.();
    },
  };
};
