import { element } from "../../page/element.ts";
import { timeOfDay } from "../views/time-words.ts";
import type { HistoryEvent } from "./live-simulation.ts";

const eventsMax = 100;

/** What happened, the newest first. It is no live region: the picture and the words beside it say what matters. */
export const historyView = () => {
  const list = element("ol", { class: "plain history", reversed: true });
  const none = element("p", { class: "soft" }, "Nothing has happened yet.");
  const scroll = element(
    "div",
    { class: "scroll wide", tabindex: "0", role: "group", "aria-label": "What happened" },
    list,
  );
  scroll.hidden = true;
  return {
    root: element(
      "section",
      { class: "card stack", "aria-label": "History" },
      element("h2", {}, "What happened"),
      none,
      scroll,
    ),
    add: ({ at, kind, text }: HistoryEvent): void => {
      // Work under way is seen by what comes of it.
      if (kind === "operation") return;
      none.hidden = true;
      scroll.hidden = false;
      const time = element("time", { datetime: at, class: "soft small" }, timeOfDay(at));
      list.prepend(element("li", {}, time, element("span", {}, text)));
      while (list.childElementCount > eventsMax) list.lastElementChild?.remove();
    },
  };
};
